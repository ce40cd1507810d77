/// One key of the configuration: where it goes, and what it may be.
struct Setting: Sendable {
  typealias Path<Value> = WritableKeyPath<Configuration, Value> & Sendable

  enum Target: Sendable {
    case integer(Path<Int>, ClosedRange<Int>)
    case boolean(Path<Bool>)
    case text(Path<String>, TextRule)
    case optionalText(Path<String?>, TextRule)
    case texts(Path<[String]>, TextRule)
    case level(Path<Configuration.Log.Level>)
    case format(Path<Configuration.Log.Format>)
  }

  /// The key with its sections, such as `mqtt.tls.ca`.
  let key: String
  let target: Target

  init(_ key: String, _ target: Target) {
    self.key = key
    self.target = target
  }

  /// The last part of the key.
  var name: Substring { key.split(separator: ".").last ?? "" }

  /// The environment variable that overrides the key, such as `CAMPUS_GATEWAY_MQTT_TLS_CA`.
  var variable: String {
    Self.variablePrefix + key.uppercased().split(separator: ".").joined(separator: "_")
  }

  static let variablePrefix = "CAMPUS_GATEWAY_"

  var isList: Bool {
    if case .texts = target { return true }
    return false
  }
}

/// A value before its type is known: of the file, or of an environment variable.
struct RawValue {
  enum Content {
    /// Empty, `~` or `null`: the default.
    case none
    case text(String)
    case list([RawValue])
    case section
  }

  var content: Content
  /// Line of the file, counted from 1.
  var line = 1

  /// What stands there, for a message.
  var found: String {
    switch content {
    case .none: "nothing"
    case .text(let text): "“\(text)”"
    case .list: "a list"
    case .section: "a section"
    }
  }
}
