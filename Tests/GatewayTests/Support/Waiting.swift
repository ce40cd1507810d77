import CPlatform
import Glibc

/// What did not happen in time.
struct TimedOut: Error, CustomStringConvertible {
  var description: String
}

/// Monotonic seconds.
func seconds() -> Double { Double(platform_monotonic_ns()) / 1e9 }

/// Unix milliseconds.
func unixMilliseconds() -> Int64 { platform_unix_ns() / 1_000_000 }

/// Waits for `condition`, at most `limit` seconds.
func eventually(
  within limit: Double = 15, every interval: Double = 0.01, _ what: @autoclosure () -> String,
  _ condition: () throws -> Bool
) throws {
  let end = seconds() + limit
  while try !condition() {
    guard seconds() < end else { throw TimedOut(description: "not within \(limit) s: \(what())") }
    pause(interval)
  }
}

/// Waits for a condition, but no longer than `limit` seconds.
func waitAtMost(_ limit: Double, until condition: () -> Bool) {
  let end = seconds() + limit
  while !condition(), seconds() < end { pause(0.01) }
}

/// For the few cases in which time itself is what is tested.
func pause(_ time: Double) { usleep(UInt32(time * 1e6)) }

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The seed of `CAMPUS_SEED`, or a new one; printed, so that a failure can be repeated.
  static func announced(_ purpose: String) -> SeededGenerator {
    let given = getenv("CAMPUS_SEED").flatMap { UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: 1...999_999)
    print("\(purpose): CAMPUS_SEED=\(seed)")
    return SeededGenerator(seed: seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
