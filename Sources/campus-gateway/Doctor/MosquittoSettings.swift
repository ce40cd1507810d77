/// A mosquitto's configuration, as far as a delivery guarantee rests on it. Defaults are those of mosquitto 2.0.
struct MosquittoSettings: Sendable, Equatable {
  struct Listener: Sendable, Equatable {
    var port: Int
    var address: String?
    /// Its own, where the file says `per_listener_settings true`.
    var allowsAnonymous: Bool?
    var accessList: String?
    var hasPasswords = false
  }

  var persistence = false
  var persistenceLocation: String?
  var autosaveSeconds = 1_800
  /// Changes, not seconds, lie between saves.
  var savesOnChanges = false
  var maxQueuedMessages = 1_000
  var maxQueuedBytes: Int64 = 0
  var maxInflightMessages = 20
  var messageSizeLimit: Int64 = 0
  var maxPacketSize: Int64 = 0
  var clientExpiration: String?
  var isPerListener = false
  /// Of all listeners, unless they have their own.
  var allowsAnonymous: Bool?
  var accessList: String?
  var hasPasswords = false
  var hasPlugin = false
  var listeners: [Listener] = []

  /// The port of a file without listeners, which serves this machine alone.
  private var defaultPort = 1_883

  init() {}

  /// Everything it listens on.
  var ports: [Int] { listeners.isEmpty ? [defaultPort] : listeners.map(\.port) }

  /// Whether a client without a name is let in on this port.
  func isOpen(port: Int) -> Bool {
    let own = isPerListener ? listeners.first { $0.port == port }?.allowsAnonymous : allowsAnonymous
    // Without a listener, mosquitto serves this machine alone, and anybody on it.
    return own ?? listeners.isEmpty
  }

  func accessList(port: Int) -> String? {
    isPerListener ? listeners.first { $0.port == port }?.accessList : accessList
  }

  /// How long the broker keeps the session of an absent client, in seconds; nil: for ever.
  var clientExpirationSeconds: Int64? {
    guard let text = clientExpiration, let unit = text.last, let count = Int64(text.dropLast()) else { return nil }
    let units: [Character: Int64] = [
      "h": 3_600, "d": 86_400, "w": 604_800, "m": 2_592_000, "y": 31_536_000,
    ]
    return units[unit].map { $0 * count }
  }

  /// Takes in one file's text; gives the folders it includes. Unknown lines are mosquitto's own business.
  mutating func read(_ text: String) -> [String] {
    var folders: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
      guard let key = words.first, !key.hasPrefix("#") else { continue }
      var value = words.count > 1 ? String(words[1].drop { $0 == " " || $0 == "\t" }) : ""
      while let last = value.last, last == " " || last == "\t" || last == "\r" { value.removeLast() }
      if key == "include_dir" { folders.append(value) } else { set(String(key), value) }
    }
    return folders
  }

  private mutating func set(_ key: String, _ value: String) {
    let number = Int64(value) ?? 0
    switch key {
    case "persistence": persistence = MosquittoSettings.isTrue(value)
    case "persistence_location": persistenceLocation = value
    case "autosave_interval": autosaveSeconds = Int(number)
    case "autosave_on_changes": savesOnChanges = MosquittoSettings.isTrue(value)
    case "max_queued_messages": maxQueuedMessages = Int(number)
    case "max_queued_bytes": maxQueuedBytes = number
    case "max_inflight_messages": maxInflightMessages = Int(number)
    case "message_size_limit": messageSizeLimit = number
    case "max_packet_size": maxPacketSize = number
    case "persistent_client_expiration": clientExpiration = value
    case "per_listener_settings": isPerListener = MosquittoSettings.isTrue(value)
    case "port":
      if let port = Int(value), port > 0 { listeners.append(Listener(port: port)) }
    case "listener":
      let parts = value.split(separator: " ")
      guard let port = parts.first.flatMap({ Int($0) }), port > 0 else { return }
      listeners.append(Listener(port: port, address: parts.count > 1 ? String(parts[1]) : nil))
    case "allow_anonymous", "acl_file", "password_file", "plugin", "auth_plugin": setAccess(key, value)
    default: break
    }
  }

  private mutating func setAccess(_ key: String, _ value: String) {
    let last = listeners.indices.last
    switch key {
    case "allow_anonymous":
      allowsAnonymous = MosquittoSettings.isTrue(value)
      if let last { listeners[last].allowsAnonymous = allowsAnonymous }
    case "acl_file":
      accessList = value
      if let last { listeners[last].accessList = value }
    case "password_file":
      hasPasswords = true
      if let last { listeners[last].hasPasswords = true }
    default: hasPlugin = true
    }
  }

  private static func isTrue(_ value: String) -> Bool { value == "true" || value == "1" }

  /// As if started with this port on the command line and no file.
  mutating func listenByDefault(on port: Int) { defaultPort = port }
}
