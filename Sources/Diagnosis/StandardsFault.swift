/// Something wrong in a standards file, with its place: printed as `file:line: message`.
public struct StandardsFault: Error, Sendable, Equatable, CustomStringConvertible {
  public var file: String
  /// Counted from 1; 1 for the file as a whole.
  public var line: Int
  public var problem: StandardsProblem

  public init(file: String, line: Int, problem: StandardsProblem) {
    self.file = file
    self.line = line
    self.problem = problem
  }

  public var message: String { problem.message }
  public var messageZh: String { problem.messageZh }
  public var description: String { "\(file):\(line): \(message)" }
}
