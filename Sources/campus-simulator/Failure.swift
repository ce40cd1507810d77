import Foundation

/// Why a command ends badly. Each case says what to do.
enum Failure: Error {
  case usage(String)
  case cannotRun(String)
  case campus(String)
  case file(path: String, doing: String, errno: Int32)

  var exitCode: Int32 {
    switch self {
    case .usage: 2
    case .cannotRun, .campus, .file: 3
    }
  }

  func tell() {
    switch self {
    case .usage(let text), .cannotRun(let text), .campus(let text): standardError(text)
    case .file(let path, let doing, let number):
      standardError("\(path): cannot \(doing): \(String(cString: strerror(number)))")
    }
  }
}

/// Writes one line for a person to standard error.
func standardError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
