import COpenSSL
import DeviceProtocol
import Glibc

/// The installation's secret: 32 random bytes in a file only its owner may read. Keys for each purpose are
/// derived from it (HKDF-Expand, RFC 5869, section 2.3).
public struct MasterKey: Sendable {
  private let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads the key; where the file is absent and `create` is set, makes it.
  public static func load(_ path: String, create: Bool) throws(LogError) -> MasterKey {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 {
      guard errno == ENOENT, create else {
        throw .masterKey(path: path, problem: "\(String(cString: strerror(errno))): restore it from the backup")
      }
      return try make(path)
    }
    defer { close(file) }
    var info = stat()
    fstat(file, &info)
    guard info.st_mode & 0o077 == 0 else {
      throw .masterKey(path: path, problem: "others may read it: chmod 600 \(path)")
    }
    var text = [UInt8](repeating: 0, count: 256)
    let count = read(file, &text, text.count)
    guard count > 0, let key = Hex.bytes(String(decoding: text[..<count], as: UTF8.self).trimmed),
      key.count == 32
    else { throw .masterKey(path: path, problem: "it does not hold 64 hexadecimal digits: restore it from the backup") }
    return MasterKey(bytes: key)
  }

  private static func make(_ path: String) throws(LogError) -> MasterKey {
    var key = [UInt8](repeating: 0, count: 32)
    guard RAND_bytes(&key, 32) == 1 else { throw .masterKey(path: path, problem: "no random bytes to be had") }
    // Whole and on the disk before it has its name: a crash must not leave half a key, nor a store without one.
    let partial = path + ".partial"
    unlink(partial)
    let file = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .masterKey(path: path, problem: "cannot be made: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    let text = Array((Hex.string(key) + "\n").utf8)
    guard write(file, text, text.count) == text.count, fsync(file) == 0, link(partial, path) == 0 else {
      throw .masterKey(path: path, problem: "cannot be written: \(String(cString: strerror(errno)))")
    }
    unlink(partial)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = open(parts.isEmpty ? "." : parts.joined(separator: "/") + "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    return MasterKey(bytes: key)
  }

  public func derive(_ purpose: String) -> [UInt8] {
    let info = Array("campus-gateway \(purpose)".utf8) + [1]
    var key = [UInt8](repeating: 0, count: 32)
    info.withUnsafeBytes { HMACKey(bytes).authenticate($0, &key) }
    return key
  }
}

extension String {
  var trimmed: String {
    var text = Substring(self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return String(text)
  }
}

/// Hexadecimal, lower case when written, either case when read.
public enum Hex {
  public static func string(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  public static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return high == nil ? bytes : nil
  }
}
