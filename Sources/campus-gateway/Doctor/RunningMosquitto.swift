import Foundation

/// The mosquitto of this machine that listens on a port, with the configuration it was started with.
struct RunningMosquitto: Sendable, Equatable {
  /// nil: known from its usual file alone, no process can be seen.
  var pid: Int?
  /// The files read, the first of them the one it was started with; empty: it was started without any.
  var files: [String] = []
  /// A file that cannot be read.
  var unreadable: String?
  var settings = MosquittoSettings()

  /// Where Debian keeps it.
  static let usualFile = "/etc/mosquitto/mosquitto.conf"

  /// Looks through the processes of this machine, then at the usual file.
  static func listening(on port: Int) -> RunningMosquitto? {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: "/proc") } catch { return nil }
    var unreadable: RunningMosquitto?
    for pid in names.compactMap({ Int($0) }).sorted() {
      guard let found = RunningMosquitto(pid: pid) else { continue }
      if found.unreadable == nil, found.settings.ports.contains(port) { return found }
      if found.unreadable != nil { unreadable = found }
    }
    if let unreadable { return unreadable }
    guard FileManager.default.fileExists(atPath: usualFile) else { return nil }
    var usual = RunningMosquitto()
    usual.read(usualFile)
    return usual.settings.ports.contains(port) ? usual : nil
  }

  private init() {}

  /// nil: the process is no mosquitto.
  private init?(pid: Int) {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return nil }
    let words = data.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    guard let program = words.first, (program as NSString).lastPathComponent == "mosquitto" else { return nil }
    self.pid = pid
    for (option, value) in zip(words, words.dropFirst()) {
      switch option {
      case "-c", "--config-file": read(absolute(value, pid))
      case "-p", "--port": if let port = Int(value) { settings.listenByDefault(on: port) }
      default: break
      }
    }
  }

  private func absolute(_ path: String, _ pid: Int) -> String {
    guard !path.hasPrefix("/") else { return path }
    do {
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd") + "/" + path
    } catch {
      return path
    }
  }

  private mutating func read(_ file: String) {
    guard let data = FileManager.default.contents(atPath: file) else {
      unreadable = file
      return
    }
    files.append(file)
    for folder in settings.read(String(decoding: data, as: UTF8.self)) {
      let names: [String]
      do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
        unreadable = folder
        continue
      }
      // mosquitto reads an included folder's files in the order of their names.
      for name in names.sorted() where name.hasSuffix(".conf") { readIncluded("\(folder)/\(name)") }
    }
  }

  private mutating func readIncluded(_ file: String) {
    guard let data = FileManager.default.contents(atPath: file) else {
      unreadable = file
      return
    }
    files.append(file)
    _ = settings.read(String(decoding: data, as: UTF8.self))
  }
}
