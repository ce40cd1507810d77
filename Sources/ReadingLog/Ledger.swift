/// The conservation equation of some commits, in messages.
public struct Ledger: Sendable, Equatable {
  public var received: Int64 = 0
  public var stored: Int64 = 0
  public var duplicate: Int64 = 0
  public var quarantined: Int64 = 0
  public var rejected: Int64 = 0

  public init() {}

  public var outcomes: Int64 { stored + duplicate + quarantined + rejected }
  public var isZero: Bool { received == 0 && outcomes == 0 }

  public static func += (sum: inout Ledger, other: Ledger) {
    sum.received += other.received
    sum.stored += other.stored
    sum.duplicate += other.duplicate
    sum.quarantined += other.quarantined
    sum.rejected += other.rejected
  }
}
