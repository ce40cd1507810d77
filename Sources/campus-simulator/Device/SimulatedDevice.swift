import Campus

/// A device as the simulation sees it: identity, key, duty and the state of its clock.
struct SimulatedDevice: Sendable {
  enum Role: Sendable { case terminal, reader, kiosk }

  var name: Device.Name
  var role: Role
  var usesJSON: Bool
  var key: [UInt8]
  var clock = ClockFault.none

  /// By the model's name, else by the place it hangs in.
  static func role(model: String, place: Place.Kind?) -> Role {
    let model = model.lowercased()
    if model.contains("kiosk") { return .kiosk }
    if model.contains("reader") { return .reader }
    if model.contains("terminal") { return .terminal }
    return switch place {
    case .canteen, .counter: .kiosk
    case .gate, .dormitory: .reader
    default: .terminal
    }
  }
}
