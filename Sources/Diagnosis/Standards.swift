/// The standards of a school, as `config/standards.yaml` tells them, in its order.
public struct Standards: Sendable, Equatable {
  public private(set) var all: [Standard]
  private var byID: [String: Int] = [:]
  private var bySeries: [Series: Watchers] = [:]

  /// What the events of one kind have in common.
  struct Series: Hashable, Sendable {
    var aggregate: Aggregate
    var scope: String
    var grain: String
  }

  /// The standards of a series, in the order of the file.
  private struct Watchers: Sendable, Equatable {
    var standards: [Standard] = []
    /// Whether any of them watches some ids only.
    var hasPatterns = false
  }

  public init(_ standards: [Standard] = []) {
    all = standards
    for (index, standard) in standards.enumerated() {
      byID[standard.id] = index
      let series = Series(aggregate: standard.aggregate, scope: standard.scope, grain: standard.grain)
      bySeries[series, default: Watchers()].standards.append(standard)
      if !standard.ids.isEmpty { bySeries[series]?.hasPatterns = true }
    }
  }

  public subscript(id: String) -> Standard? { byID[id].map { all[$0] } }

  /// The standards that watch an aggregate, in the order of the file.
  func watching(_ series: Series, id: String) -> [Standard] {
    guard let watchers = bySeries[series] else { return [] }
    return watchers.hasPatterns ? watchers.standards.filter { $0.watches(id) } : watchers.standards
  }
}

extension Standard {
  /// Whether the standard applies to this id of its aggregate and scope.
  public func watches(_ id: String) -> Bool {
    ids.isEmpty || ids.contains { Pattern.matches(Array($0.utf8), Array(id.utf8)) }
  }
}

/// `*` stands for any text, also none; everything else for itself.
enum Pattern {
  static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var (p, t) = (0, 0)
    // Where to go on when what follows the last star does not fit.
    var retry: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = retry {
        retry = (last.pattern, last.text + 1)
        (p, t) = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
