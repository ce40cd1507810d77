import Foundation
import Testing

@testable import campus_gateway

@Suite struct ConfigurationTests {
  private func load(
    _ yaml: String, _ environment: [String: String] = [:]
  ) -> (configuration: Configuration?, faults: [ConfigurationFault]) {
    Configuration.load(yaml: yaml, file: "gateway.yaml", environment: environment)
  }

  private func fault(_ line: Int, _ problem: ConfigurationProblem) -> ConfigurationFault {
    ConfigurationFault(source: .file("gateway.yaml", line: line), problem: problem)
  }

  private func fault(_ variable: String, _ problem: ConfigurationProblem) -> ConfigurationFault {
    ConfigurationFault(source: .environment(variable: variable), problem: problem)
  }

  private static let shippedFile = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("config/gateway.yaml").path

  // MARK: Defaults

  @Test func theShippedFileSetsEveryKeyToItsDefault() throws {
    let (configuration, faults) = Configuration.load(path: Self.shippedFile, environment: [:])
    #expect(faults == [])
    #expect(configuration == Configuration())
    let lines = try String(contentsOfFile: Self.shippedFile, encoding: .utf8)
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    for setting in Configuration.settings {
      #expect(lines.contains { $0.hasPrefix("\(setting.name):") }, "\(setting.key)")
    }
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "mqtt:\nstore: ~\n", "mqtt: {port: , tls: null}\n"])
  func whatIsEmptyMeansTheDefault(yaml: String) {
    let (configuration, faults) = load(yaml)
    #expect(faults == [])
    #expect(configuration == Configuration())
  }

  @Test func everySettingHasItsOwnVariable() {
    #expect(Set(Configuration.settings.map(\.variable)).count == Configuration.settings.count)
  }

  // MARK: Values

  @Test func keysOfTheFileReplaceDefaults() {
    let (configuration, faults) = load(
      """
      mqtt: {host: broker.example, port: 8883, username: 10086, tls: {ca: /etc/ca.pem}, lanes: 2}
      diagnosis: {embedded: no, url: "https://core.example/v1"}
      log: {level: debug, format: json}
      """)
    #expect(faults == [])
    #expect(configuration?.mqtt.host == "broker.example")
    #expect(configuration?.mqtt.port == 8883)
    #expect(configuration?.mqtt.username == "10086")
    #expect(configuration?.mqtt.tls.isEnabled == true)
    #expect(configuration?.diagnosis.embedded == false)
    #expect(configuration?.log == Configuration.Log(level: .debug, format: .json))
  }

  @Test func valuesOfTheWrongTypeSayWhatWasFoundAndWhatIsExpected() {
    let faults = load(
      """
      limits:
        frame_bytes: 16k
        batch_readings: [1, 2]
      diagnosis: {embedded: maybe}
      mqtt:
        host: {name: broker}
        subscriptions: campus/v1/+/+/up
      store: data/gateway.sqlite
      """
    ).faults
    #expect(
      faults == [
        fault(2, .wrongType(key: "limits.frame_bytes", expected: .integer, found: "“16k”")),
        fault(3, .wrongType(key: "limits.batch_readings", expected: .integer, found: "a list")),
        fault(4, .wrongType(key: "diagnosis.embedded", expected: .boolean, found: "“maybe”")),
        fault(6, .wrongType(key: "mqtt.host", expected: .text, found: "a section")),
        fault(
          7, .wrongType(key: "mqtt.subscriptions", expected: .list, found: "“campus/v1/+/+/up”")),
        fault(8, .notASection("store", found: "“data/gateway.sqlite”")),
      ])
    #expect(
      faults.first?.description
        == "gateway.yaml:2: limits.frame_bytes: expected a whole number such as 16384, "
        + "without a unit, found “16k”")
  }

  @Test func numbersStayInTheirRanges() {
    let faults = load(
      "mqtt: {port: 0, lanes: 65}\nhttp:\n  port: 99999999999999999999999\nclock: {tolerance_ms: -1}\n"
    ).faults
    #expect(
      faults == [
        fault(1, .outOfRange(key: "mqtt.port", value: "0", 1...65_535)),
        fault(1, .outOfRange(key: "mqtt.lanes", value: "65", 1...64)),
        fault(3, .outOfRange(key: "http.port", value: "99999999999999999999999", 0...65_535)),
        fault(4, .outOfRange(key: "clock.tolerance_ms", value: "-1", 0...86_400_000)),
      ])
  }

  @Test func aTimeZoneIsThePlaceItIsFor() {
    for name in ["Asia/Shanghai", "UTC", "Etc/UTC", "PRC", "US/Pacific"] {
      #expect(TextRule.timeZone.accepts(name), "\(name)")
    }
    for name in ["EST5", "GMT+8", "CST", "Etc/Unknown", "Asia/Shangai", ""] {
      #expect(!TextRule.timeZone.accepts(name), "\(name)")
    }
  }

  @Test func textsAreWhatTheirKeysNeed() {
    let problems = load(
      """
      site_time_zone: Asia/Shangai
      mqtt:
        host: mqtt://broker
        client_id: two words
        subscriptions:
          - campus/#
          - campus/#/up
          - campus/v+/up
      diagnosis: {url: core.example}
      log: {level: warn, format: xml}
      """
    ).faults.map(\.problem)
    #expect(
      problems == [
        .refusedText(
          key: "site_time_zone", value: "Asia/Shangai", .timeZone, nearest: "Asia/Shanghai"),
        .refusedText(key: "mqtt.host", value: "mqtt://broker", .host, nearest: nil),
        .refusedText(key: "mqtt.client_id", value: "two words", .name, nearest: nil),
        .refusedText(
          key: "mqtt.subscriptions", value: "campus/#/up", .topicFilter, nearest: nil),
        .refusedText(
          key: "mqtt.subscriptions", value: "campus/v+/up", .topicFilter, nearest: nil),
        .refusedText(key: "diagnosis.url", value: "core.example", .url, nearest: nil),
        .unknownChoice(
          key: "log.level", value: "warn", known: Configuration.Log.Level.allCases.map(\.rawValue),
          nearest: nil),
        .unknownChoice(key: "log.format", value: "xml", known: ["text", "json"], nearest: nil),
      ])
  }

  @Test func anEmptyListOfSubscriptionsIsRefused() {
    #expect(
      load("mqtt: {subscriptions: []}").faults == [fault(1, .emptyList(key: "mqtt.subscriptions"))])
  }

  @Test func aCertificateNeedsItsKey() {
    #expect(
      load("mqtt:\n  tls:\n    certificate: a.pem\n").faults == [
        fault(3, .missingCompanion(key: "mqtt.tls.certificate", companion: "mqtt.tls.key"))
      ])
  }

  // MARK: Keys

  @Test func anUnknownKeyNamesTheNearestKnownOne() {
    let faults = load(
      """
      mqtt:
        prot: 1883
        tls: {cert: a.pem, kye: b.pem}
      strore: {path: x}
      retention_days: 30
      ~: 1
      colour: green
      """
    ).faults
    let suggestions = faults.map { fault -> String? in
      guard case .unknownKey(_, let nearest, _) = fault.problem else { return "not this" }
      return nearest
    }
    #expect(
      suggestions == [
        "mqtt.port", "mqtt.tls.certificate", "mqtt.tls.key", "store", "store.retention_days", nil,
        nil,
      ])
    #expect(
      faults.map(\.source) == [2, 3, 3, 4, 5, 6, 7].map { .file("gateway.yaml", line: $0) })
    #expect(
      faults.last?.description
        == "gateway.yaml:7: unknown key “colour”; known here: site_time_zone mqtt store campus "
        + "http aggregation diagnosis receipts clock limits log")
  }

  @Test func aRepeatedKeyNamesBothLinesAndHidesNothingElse() {
    let faults = load(
      """
      mqtt:
        port: 1883
        host: a
        "port": 1884
        port: x
      http: {port: 1, port: 2}
      mqtt:
        lanes: 0
      """
    ).faults
    #expect(
      faults == [
        fault(4, .repeatedKey("mqtt.port", firstLine: 2)),
        fault(5, .repeatedKey("mqtt.port", firstLine: 2)),
        fault(5, .wrongType(key: "mqtt.port", expected: .integer, found: "“x”")),
        fault(6, .repeatedKey("http.port", firstLine: 6)),
        fault(7, .repeatedKey("mqtt", firstLine: 1)),
        fault(8, .outOfRange(key: "mqtt.lanes", value: "0", 1...64)),
      ])
  }

  // MARK: The environment

  @Test func theEnvironmentOverridesTheFile() {
    let (configuration, faults) = load(
      "mqtt: {port: 1884, host: a}\nstore: {path: elsewhere}\n",
      [
        "CAMPUS_GATEWAY_MQTT_PORT": "1885",
        "CAMPUS_GATEWAY_MQTT_TLS_CA": "ca.pem",
        "CAMPUS_GATEWAY_MQTT_SUBSCRIPTIONS": "a/+/up, b/#",
        "CAMPUS_GATEWAY_STORE_PATH": "",
        "PATH": "/usr/bin",
      ])
    #expect(faults == [])
    #expect(configuration?.mqtt.port == 1885)
    #expect(configuration?.mqtt.host == "a")
    #expect(configuration?.mqtt.tls.ca == "ca.pem")
    #expect(configuration?.mqtt.subscriptions == ["a/+/up", "b/#"])
    #expect(configuration?.store.path == "data/gateway.sqlite")
  }

  @Test func aVariableThatSetsNothingNamesTheNearest() {
    let faults = load(
      "", ["CAMPUS_GATEWAY_MQTT_PROT": "1", "CAMPUS_GATEWAY_MQTT_PORT": "many"]
    ).faults
    #expect(
      faults == [
        fault(
          "CAMPUS_GATEWAY_MQTT_PORT",
          .wrongType(key: "mqtt.port", expected: .integer, found: "“many”")),
        fault(
          "CAMPUS_GATEWAY_MQTT_PROT", .unknownVariable(nearest: "CAMPUS_GATEWAY_MQTT_PORT")),
      ])
    #expect(
      faults.last?.description
        == "CAMPUS_GATEWAY_MQTT_PROT: sets no key; did you mean CAMPUS_GATEWAY_MQTT_PORT?")
  }

  // MARK: Files

  @Test func aMissingFileSaysWhatToDo() {
    let faults = Configuration.load(path: "/nonexistent/gateway.yaml", environment: [:]).faults
    #expect(faults.map(\.problem) == [.fileMissing])
    #expect(faults.first?.description.hasPrefix("/nonexistent/gateway.yaml:1: not found") == true)
  }

  @Test(arguments: [
    ("mqtt:\n  port: 1\n host: a\n", 3), ("mqtt: {port: 1\nstore: {path: a}\n", 2),
    ("mqtt:\n\tport: 1\n", 2), ("a: 'b\n", 2), ("a: 1\n---\nb: 2\n", 2), ("a: \u{1}\n", 1),
  ])
  func aSyntaxErrorHasItsLine(yaml: String, line: Int) {
    let faults = load(yaml).faults
    #expect(faults.count == 1)
    #expect(faults.first?.description.hasPrefix("gateway.yaml:\(line): not valid YAML: ") == true)
  }

  @Test func aFileThatIsNotUTF8HasItsLine() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("gateway-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(Array("mqtt:\n  host: ".utf8) + [0xD5, 0xC5, 0x0A]).write(to: file)
    let faults = Configuration.load(path: file.path, environment: [:]).faults
    #expect(
      faults == [ConfigurationFault(source: .file(file.path, line: 2), problem: .notUTF8)])
  }

  @Test func everyFaultHasOneLineInBothLanguages() {
    let yaml = "mqtt: {port: x, prot: 1, lanes: 0}\nstore: 1\nlog: {level: a}\nhttp: {host: a/b}\n"
    let faults = load(yaml, ["CAMPUS_GATEWAY_X": "1"]).faults
    #expect(faults.count == 7)
    for fault in faults {
      #expect(!fault.message.isEmpty && !fault.message.contains("\n"))
      #expect(!fault.messageZh.isEmpty && !fault.messageZh.contains("\n"))
    }
  }
}
