/// Something wrong in a campus directory, with its place: printed as `file:line: message`.
public struct CampusFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, with the directory as it was given.
  public var file: String
  /// Physical line, counted from 1: where the record begins; 1 for the file as a whole.
  public var line: Int
  public var problem: CampusProblem

  public init(file: String, line: Int, problem: CampusProblem) {
    self.file = file
    self.line = line
    self.problem = problem
  }

  public var message: String { problem.message }
  public var messageZh: String { problem.messageZh }
  public var description: String { "\(file):\(line): \(message)" }
}
