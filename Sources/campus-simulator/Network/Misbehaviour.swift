/// What goes wrong on purpose. Probabilities are from 0 to 1.
struct Misbehaviour: Sendable {
  /// A frame is sent twice.
  var duplicates = 0.0
  /// A frame leaves after its successor.
  var reorder = 0.0
  /// A device reboots, per simulated hour.
  var reboots = 0.0
  /// A receipt never reaches its device.
  var lostReceipts = 0.0
  /// A forgery goes with a frame.
  var forged = 0.0
  /// A connection is cut, per second.
  var dropConnection = 0.0
  /// Devices whose clock is wrong.
  var badClocks = 0
}
