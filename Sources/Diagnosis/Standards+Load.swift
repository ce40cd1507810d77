import Foundation

extension Standards {
  /// Takes the path of a standards file, gives its standards, or `nil` and every fault by line.
  public static func load(path: String) -> (standards: Standards?, faults: [StandardsFault]) {
    func refuse(_ problem: StandardsProblem, line: Int = 1) -> (standards: Standards?, faults: [StandardsFault]) {
      (nil, [StandardsFault(file: path, line: line, problem: problem)])
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return refuse(.fileMissing) }
    guard !isDirectory.boolValue else { return refuse(.fileUnreadable(reason: "it is a folder")) }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      return refuse(.fileUnreadable(reason: "permission denied"))
    }
    defer { handle.closeFile() }
    let bytes: Data
    do {
      bytes = try handle.read(upToCount: fileLimitBytes + 1) ?? Data()
    } catch {
      return refuse(.fileUnreadable(reason: "\(error)"))
    }
    guard bytes.count <= fileLimitBytes else {
      return refuse(.fileUnreadable(reason: "larger than \(fileLimitBytes) bytes"))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
      return refuse(.notUTF8, line: (index ?? 0) + 1)
    }
    return load(yaml: text, file: path)
  }

  /// The same for a text in memory; `file` only names it in faults.
  public static func load(yaml: String, file: String) -> (standards: Standards?, faults: [StandardsFault]) {
    var reader = StandardsReader()
    reader.read(yaml)
    let faults = reader.faults.map { StandardsFault(file: file, line: $0.line, problem: $0.problem) }
    return (faults.isEmpty ? Standards(reader.standards) : nil, faults)
  }

  private static let fileLimitBytes = 1 << 20
}
