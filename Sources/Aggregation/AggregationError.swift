/// What the aggregation refuses, with what to do.
public enum AggregationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An aggregate in the store of a kind, scope or grain this version does not know.
  case unknownAggregate(number: Int64)
  /// A campus version that cannot be read, and why.
  case campus(version: Int64, problem: String)

  public var description: String {
    switch self {
    case .unknownAggregate(let number):
      "aggregate \(number) in the store is of a kind this version does not know: use the version that wrote it"
    case .campus(let version, let problem):
      "campus version \(version) in the store cannot be read (\(problem)): restore the store from a backup"
    }
  }

  public var descriptionZh: String {
    switch self {
    case .unknownAggregate(let number): "存储中的汇总 \(number) 类型未知：请使用写入它的版本"
    case .campus(let version, let problem): "存储中的校园版本 \(version) 无法读取（\(problem)）：请从备份恢复"
    }
  }
}
