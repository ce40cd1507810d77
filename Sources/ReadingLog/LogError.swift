import GRDB
import GRDBSQLite

/// What the store refuses, with what to do.
public enum LogError: Error, CustomStringConvertible {
  /// The disk, or the quota, is full.
  case full(String)
  /// The file, its folder or the file system does not allow writing.
  case readOnly(String)
  /// A reader was refused by the file, its folder or the file system.
  case unreadable(String)
  /// Whoever owns the store has started while it was read without its write-ahead log.
  case changed(path: String)
  /// A copy cannot be written where it was to be.
  case copy(path: String, problem: String)
  /// Any other fault of SQLite: its code, message, and what was being done.
  case sqlite(code: Int32, message: String, doing: String)
  case noStore(path: String)
  case newerStore(path: String)
  /// It is empty, or another program's.
  case foreignStore(path: String)
  case wrongMasterKey(path: String)
  case masterKey(path: String, problem: String)
  case cannotDecrypt(String)
  case other(String)

  init(code: Int32, connection: OpaquePointer?, doing: String) {
    let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? "no connection"
    self.init(code: code, message: message, doing: doing)
  }

  init(code: Int32, message: String, doing: String) {
    switch code & 0xff {
    case SQLITE_FULL: self = .full(doing)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: self = .readOnly("\(doing): \(message)")
    default: self = .sqlite(code: code, message: message, doing: doing)
    }
  }

  init(_ error: any Error, doing: String) {
    if let error = error as? LogError {
      self = error
    } else if let error = error as? DatabaseError {
      self.init(
        code: error.extendedResultCode.rawValue, message: error.message ?? "", doing: doing)
    } else {
      self = .other("\(doing): \(error)")
    }
  }

  /// Whether there is no room for a commit.
  public var isFull: Bool {
    if case .full = self { return true }
    return false
  }

  public var description: String {
    switch self {
    case .full(let doing):
      "the disk is full (\(doing)): free space on the store's file system; intake goes on by itself"
    case .readOnly(let doing):
      "the store cannot be written (\(doing)): check the mount, owner and mode of its folder and files; intake goes on by itself"
    case .unreadable(let doing):
      "the store cannot be read (\(doing)): check owner and mode of its folder and files, and run the command as the gateway's user, who alone may make the files that SQLite needs beside it"
    case .changed(let path):
      "the store \(path) was changed while it was read, by a gateway or a command that started meanwhile: run the command again"
    case .copy(let path, let problem):
      "the copy \(path) cannot be written (\(problem)): choose another place for it; the store is as it was"
    case .sqlite(let code, let message, let doing):
      "SQLite error \(code) (\(doing)): \(message)"
    case .noStore(let path):
      "there is no store at \(path): start the gateway once (campus-gateway run), or correct store.path"
    case .newerStore(let path):
      "the store \(path) was written by a newer version: use that version"
    case .foreignStore(let path):
      "\(path) is no store of the gateway: it is empty, or another program's; correct store.path, or restore the backup"
    case .wrongMasterKey(let path):
      "the master key (campus.key_file) is not the one the store \(path) was made with: put the right file there"
    case .masterKey(let path, let problem):
      "the master key \(path): \(problem)"
    case .cannotDecrypt(let what):
      "\(what) cannot be decrypted: it was changed, or sealed under another master key"
    case .other(let text): text
    }
  }
}
