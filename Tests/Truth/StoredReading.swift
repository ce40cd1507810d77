/// One reading the gateway has stored, as the ledger has it.
struct StoredReading {
  /// Which reading it is: the device as `site/device`, its boot, the frame, the place in the frame.
  struct Name: Hashable {
    var device: String
    var epoch: Int
    var seq: Int
    var index: Int
  }

  var name: Name
  var kind: String
  /// When it happened, and when it arrived where that is known; Unix milliseconds.
  var time: Int64
  var received: Int64?
  /// Lower-case hexadecimal.
  var card = ""
  var direction = ""
  var isGranted = false
  var item = 0
  var score = 0
  var category = 0
  /// What a status says; `nil` where it does not.
  var battery: Int?
  var backlog: Int?
  var dropped: Int?
  /// `device`, `corrected` or `arrival`, where that is known.
  var quality: String?

  var device: String { name.device }
}
