import Foundation

extension Configuration {
  /// Takes the path of a configuration file and the environment, gives the configuration, or `nil` and every fault:
  /// those of the file by line, then those of the environment by name.
  ///
  /// The environment overrides the file: `mqtt.tls.ca` is `CAMPUS_GATEWAY_MQTT_TLS_CA`, lists are separated by
  /// commas, and an empty variable stands for the default.
  ///
  /// `forRunning`: faults are also the files and addresses with which a gateway would not start; the configuration is
  /// given beside these.
  static func load(
    path: String, environment: [String: String], forRunning: Bool = false
  ) -> (configuration: Configuration?, faults: [ConfigurationFault]) {
    var reader = ConfigurationReader(file: path)
    switch contents(of: path) {
    case .success(let text): reader.read(YAMLDocument(text))
    case .failure(let refusal): reader.refuse(refusal.problem, line: refusal.line)
    }
    let loaded = finish(&reader, environment)
    guard forRunning, loaded.configuration != nil else { return loaded }
    reader.checkUsable()
    return (loaded.configuration, reader.faults)
  }

  /// The same for a text in memory; `file` only names it in faults.
  static func load(
    yaml: String, file: String, environment: [String: String] = [:]
  ) -> (configuration: Configuration?, faults: [ConfigurationFault]) {
    var reader = ConfigurationReader(file: file)
    reader.read(YAMLDocument(yaml))
    return finish(&reader, environment)
  }

  private static func finish(
    _ reader: inout ConfigurationReader, _ environment: [String: String]
  ) -> (configuration: Configuration?, faults: [ConfigurationFault]) {
    reader.read(environment)
    reader.checkCompanions()
    return (reader.faults.isEmpty ? reader.configuration : nil, reader.faults)
  }

  private static let fileLimitBytes = 1 << 20

  private struct Refusal: Error {
    var problem: ConfigurationProblem
    var line = 1
  }

  private static func contents(of path: String) -> Result<String, Refusal> {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return .failure(Refusal(problem: .fileMissing))
    }
    guard !isDirectory.boolValue else {
      return .failure(Refusal(problem: .fileUnreadable(reason: "it is a folder")))
    }
    let bytes: Data
    do {
      guard let handle = FileHandle(forReadingAtPath: path) else {
        return .failure(Refusal(problem: .fileUnreadable(reason: "permission denied")))
      }
      defer { handle.closeFile() }
      bytes = try handle.read(upToCount: fileLimitBytes + 1) ?? Data()
    } catch {
      return .failure(Refusal(problem: .fileUnreadable(reason: "\(error)")))
    }
    guard bytes.count <= fileLimitBytes else {
      let reason = "larger than \(fileLimitBytes) bytes"
      return .failure(Refusal(problem: .fileUnreadable(reason: reason)))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .failure(Refusal(problem: .notUTF8, line: firstLineThatIsNotUTF8(bytes)))
    }
    return .success(text)
  }

  private static func firstLineThatIsNotUTF8(_ bytes: Data) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
    return (index ?? 0) + 1
  }
}
