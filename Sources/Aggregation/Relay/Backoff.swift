/// How long to wait after failures in a row: longer each time, half of it by chance, so that the gateways of a campus
/// do not come back in one instant.
struct Backoff {
  /// Milliseconds after the first failure, at most.
  static let first: Int64 = 250
  /// Milliseconds after many failures, at most.
  static let last: Int64 = 30_000

  /// Failures since the last success.
  private(set) var failures = 0

  /// Notes a failure, gives the milliseconds to wait. `asked`: what the other end asked for; it is granted up to
  /// `last`.
  mutating func fail(asked: Int64?, using generator: inout some RandomNumberGenerator) -> Int64 {
    let ceiling = min(Backoff.last, Backoff.first << min(failures, 16))
    failures += 1
    let wait = Int64.random(in: ceiling / 2...ceiling, using: &generator)
    return max(wait, min(asked ?? 0, Backoff.last))
  }

  mutating func succeed() { failures = 0 }
}
