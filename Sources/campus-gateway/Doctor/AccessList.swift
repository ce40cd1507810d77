/// Takes the text of a mosquitto access list, says what it lets one client read. What the list keeps from a client is
/// silent at the broker: the subscription is granted and nothing arrives.
struct AccessList: Sendable, Equatable {
  enum Reading: Sendable, Equatable {
    case all
    /// Of the topics a filter stands for, some; whether they are those of the devices cannot be told.
    case part
    case nothing
  }

  /// Filters the client may read, and those it is denied.
  private var readable: [[Substring]] = []
  private var denied: [[Substring]] = []

  /// `username`: nil is a client without a name. Lines that are not mosquitto's are its own business.
  init(_ text: String, username: String?, clientID: String) {
    var isAbout: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let (key, rest) = AccessList.firstWord(line)
      switch key {
      case "user": isAbout = String(rest)
      case "topic" where isAbout == username: take(rest)
      case "pattern":
        let own = rest.replacing("%c", with: clientID)
        // Without a name, no line with a name's place is about the client.
        if let username { take(own.replacing("%u", with: username)) } else if !own.contains("%u") { take(own) }
      default: break
      }
    }
  }

  private mutating func take(_ line: Substring) {
    var (access, filter) = AccessList.firstWord(line)
    if filter.isEmpty { (access, filter) = ("readwrite", access) }
    switch access {
    case "read", "readwrite": readable.append(AccessList.levels(filter))
    case "deny": denied.append(AccessList.levels(filter))
    default: break
    }
  }

  private static func firstWord(_ line: Substring) -> (Substring, Substring) {
    let word = line.prefix { $0 != " " && $0 != "\t" }
    return (word, line.dropFirst(word.count).trimmingSpaces())
  }

  private static func levels(_ filter: some StringProtocol) -> [Substring] {
    Substring(filter).split(separator: "/", omittingEmptySubsequences: false)
  }

  /// How much of what `filter` stands for arrives.
  func reading(_ filter: String) -> Reading {
    let parts = AccessList.levels(filter)
    // What a shared subscription stands for follows its group.
    let wanted = parts.first == "$share" ? Array(parts.dropFirst(2)) : parts
    if denied.contains(where: { AccessList.covers($0, wanted) }) { return .nothing }
    let isCut = denied.contains { AccessList.meets($0, wanted) }
    if !isCut, readable.contains(where: { AccessList.covers($0, wanted) }) { return .all }
    return readable.contains { AccessList.meets($0, wanted) } ? .part : .nothing
  }

  /// Whether `wide` matches every topic that `narrow` matches.
  private static func covers(_ wide: [Substring], _ narrow: [Substring]) -> Bool {
    for (index, level) in wide.enumerated() {
      if level == "#" { return true }
      guard index < narrow.count, narrow[index] != "#", level == "+" || level == narrow[index] else { return false }
    }
    return wide.count == narrow.count
  }

  /// Whether some topic is matched by both.
  private static func meets(_ one: [Substring], _ other: [Substring]) -> Bool {
    for (left, right) in zip(one, other) {
      if left == "#" || right == "#" { return true }
      guard left == right || left == "+" || right == "+" else { return false }
    }
    // “a/#” matches “a” as well (MQTT 5.0, 4.7.1.2).
    let longer = one.count > other.count ? one : other
    let rest = longer.dropFirst(min(one.count, other.count))
    return rest.isEmpty || rest.first == "#"
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return text
  }
}
