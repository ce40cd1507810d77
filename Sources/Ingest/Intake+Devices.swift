/// What the intake knows of a device beside the store.
public struct DeviceMoment: Sendable {
  /// When a frame of it was last read, since the start; Unix milliseconds, 0: not yet.
  public var heard: Int64 = 0
  /// What is added to its times, milliseconds; 0: its clock is within tolerance, or nothing is known of it.
  public var clockOffset: Int64 = 0
}

extension Intake {
  /// Every device by the store's id. Taken between two commits: some microseconds a thousand devices, so it is
  /// asked for every few seconds, not for every request.
  public func deviceMoments() -> [DeviceMoment] {
    writer.inspect { admission.devices.map { DeviceMoment(heard: $0.heard, clockOffset: $0.clock.offset) } }
  }
}
