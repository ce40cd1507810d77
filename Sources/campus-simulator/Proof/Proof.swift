import Foundation

/// Takes ledgers, then an export, gives whether the store holds exactly what was sent.
///
/// A reading takes 24 bytes and a frame about 60, so some millions fit any machine.
struct Proof {
  struct FrameKey: Hashable {
    var device: Int32
    var epoch: UInt32
    var seq: UInt32
  }

  struct Frame {
    /// Position of its first reading in `readings`.
    var first: UInt32
    var count: UInt8
    var isAbandoned = false
    /// One bit a reading: stored.
    var stored: UInt64 = 0
  }

  struct Sent {
    var at: Int64
    var digest: UInt64
    /// Of the card; 0 for none.
    var card: UInt64
  }

  var result = ProofResult()
  private(set) var names: [String] = []
  private var deviceNumbers: [String: Int32] = [:]
  var frames: [FrameKey: Frame] = [:]
  var readings: [Sent] = []
  var subjectOfCard: [UInt64: UInt64] = [:]
  var cardOfSubject: [UInt64: UInt64] = [:]
  /// The gateway's key for subjects, where it was given, and by card what then must be stored.
  var subjects: SubjectKey?
  var expectedSubjects: [UInt64: UInt64] = [:]
  /// The last name looked up: most lines follow one of the same device.
  private var lastName: (text: String, number: Int32) = ("", -1)

  mutating func number(site: JSONSlice, device: JSONSlice) -> Int32 {
    let name = site.string + "/" + device.string
    if name == lastName.text { return lastName.number }
    let number = deviceNumbers[name] ?? Int32(names.count)
    if number == names.count {
      deviceNumbers[name] = number
      names.append(name)
    }
    lastName = (name, number)
    return number
  }

  func text(_ key: FrameKey, _ index: Int? = nil) -> String {
    let frame = "\(names[Int(key.device)]) epoch \(key.epoch) seq \(key.seq)"
    return frame + (index.map { " index \($0)" } ?? "")
  }

  mutating func differ(
    _ what: String, _ key: FrameKey, _ index: Int? = nil, _ detail: @autoclosure () -> String = ""
  ) {
    result.differences += 1
    guard result.examples.count < 10 else { return }
    result.examples.append("\(what): \(text(key, index))\(detail())")
  }

  /// Hands each line of a file to `body`.
  static func lines(_ path: String, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    let data = try Files.map(path)
    try data.withUnsafeBytes { bytes in
      var start = 0
      var number = 0
      while start < bytes.count, let base = bytes.baseAddress {
        let found = memchr(base + start, 0x0A, bytes.count - start)
        let end = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
        number += 1
        if end > start { try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), number) }
        start = end + 1
      }
    }
  }

  /// Counts what was sent and never stored.
  mutating func finish() -> ProofResult {
    var missing: [(FrameKey, Int)] = []
    for (key, frame) in frames {
      result.framesSent += 1
      result.readingsSent += Int(frame.count)
      if frame.isAbandoned {
        result.framesAbandoned += 1
        continue
      }
      let all: UInt64 = frame.count >= 64 ? .max : (1 << UInt64(frame.count)) - 1
      guard frame.stored != all else { continue }
      for index in 0..<Int(frame.count) where frame.stored & (1 << UInt64(index)) == 0 {
        missing.append((key, index))
      }
    }
    result.missing = missing.count
    missing.sort { left, right in
      (left.0.device, left.0.epoch, left.0.seq, left.1)
        < (right.0.device, right.0.epoch, right.0.seq, right.1)
    }
    for (key, index) in missing { differ("missing", key, index) }
    result.subjects = cardOfSubject.count
    return result
  }
}
