import Foundation

/// Whole files, with an error that names the file.
enum Files {
  static func read(_ path: String) throws -> [UInt8] { [UInt8](try map(path)) }

  /// The file's bytes, paged in as they are read.
  static func map(_ path: String) throws -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw Failure.cannotRun("\(path): cannot read: \(error.localizedDescription)")
    }
  }

  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Failure.cannotRun("\(path): cannot write: \(error.localizedDescription)")
    }
  }

  static func makeDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure.cannotRun("\(path): cannot create: \(error.localizedDescription)")
    }
  }
}
