/// Something wrong in the configuration, with its place: printed as `file:line: message`, or, for an environment
/// variable, as `NAME: message`.
struct ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
  enum Source: Sendable, Equatable {
    /// A line, counted from 1, of a file; 1 for the file as a whole.
    case file(String, line: Int)
    case environment(variable: String)
  }

  var source: Source
  var problem: ConfigurationProblem

  var message: String { problem.message }
  var messageZh: String { problem.messageZh }

  var description: String {
    switch source {
    case .file(let name, let line): "\(name):\(line): \(message)"
    case .environment(let variable): "\(variable): \(message)"
    }
  }
}
