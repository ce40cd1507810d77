import Foundation
import Glibc

/// The file system a path lies on.
struct FileSystem: Sendable, Equatable {
  /// Such as `ext4`.
  var type = "?"
  var freeBytes: Int64 = 0
  var totalBytes: Int64 = 0
  /// The block device's own words; nil: none is behind it, or it does not say.
  var writeCache: String?
  var isRotational: Bool?
  var hasBlockDevice = false

  static let volatile: Set<String> = ["tmpfs", "ramfs", "devtmpfs"]
  static let remote: Set<String> = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs"]

  var isLayered: Bool { type == "overlay" || type == "aufs" }
  var isRemote: Bool { FileSystem.remote.contains(type) || type.hasPrefix("fuse") }
  var isVolatile: Bool { FileSystem.volatile.contains(type) }

  /// `path` must be there.
  init(of path: String) {
    var info = statvfs()
    if statvfs(path, &info) == 0 {
      let unit = Int64(info.f_frsize)
      freeBytes = Int64(info.f_bavail) * unit
      totalBytes = Int64(info.f_blocks) * unit
    }
    guard let resolved = realpath(path, nil) else { return }
    defer { free(resolved) }
    guard let mount = FileSystem.mount(of: String(cString: resolved)) else { return }
    type = mount.type
    look(at: "/sys/dev/block/\(mount.device)")
  }

  /// The mount with the longest name that holds the path; of equals the last, which lies on top.
  private static func mount(of path: String) -> (device: String, type: String)? {
    guard let data = FileManager.default.contents(atPath: "/proc/self/mountinfo") else { return nil }
    var best: (device: String, type: String)?
    var bestLength = -1
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields.count > 4 else { continue }
      let point = fields[4].replacingOccurrences(of: "\\040", with: " ")
      let holds = point == "/" || path == point || path.hasPrefix(point + "/")
      if holds, point.count >= bestLength {
        bestLength = point.count
        best = (String(fields[2]), String(fields[dash + 1]))
      }
    }
    return best
  }

  private mutating func look(at device: String) {
    guard FileManager.default.fileExists(atPath: device) else { return }
    hasBlockDevice = true
    // A partition has no queue of its own: its disk does.
    for folder in ["\(device)/queue", "\(device)/../queue"] {
      guard let text = FileSystem.word("\(folder)/write_cache") else { continue }
      writeCache = text
      isRotational = FileSystem.word("\(folder)/rotational").map { $0 == "1" }
      return
    }
  }

  private static func word(_ file: String) -> String? {
    FileManager.default.contents(atPath: file).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
