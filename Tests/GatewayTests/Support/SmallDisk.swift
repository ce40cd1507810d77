import Foundation

/// A file system in memory, as small as wanted. Unmounted with its owner.
final class SmallDisk {
  let folder: TemporaryFolder
  let path: String

  /// Whether this process may mount at all.
  static let isPermitted: Bool = {
    guard let disk = try? SmallDisk(mebibytes: 1) else { return false }
    withExtendedLifetime(disk) {}
    return true
  }()

  init(mebibytes: Int) throws {
    folder = try TemporaryFolder()
    path = try folder.folder("disk")
    try SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path)
  }

  deinit {
    do { try SmallDisk.run("umount", path) } catch { try? SmallDisk.run("umount", "-l", path) }
  }

  func remount(_ options: String) throws { try SmallDisk.run("mount", "-o", "remount,\(options)", path) }

  private static func run(_ arguments: String...) throws {
    let folder = try TemporaryFolder()
    let process = try ChildProcess(
      arguments[0], Array(arguments.dropFirst()), output: "\(folder.path)/out", errors: "\(folder.path)/err")
    guard try process.wait() == 0 else { throw CommandResult.Failed(what: process.log) }
  }
}
