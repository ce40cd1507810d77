/// What a run came to.
struct RunSummary {
  var counts: RunCounts
  var latency: Latency
  /// Real seconds from opening the connections to closing them.
  var seconds: Double

  private var members: [(name: String, label: String, value: Int)] {
    [
      ("frames", "frames", counts.frames), ("readings", "readings", counts.readings),
      ("transmissions", "transmissions", counts.transmissions),
      ("resends", "  repeated for want of a receipt", counts.resends),
      ("receipted", "receipted", counts.receipted), ("waiting", "waiting", counts.waiting),
      ("abandoned", "abandoned", counts.abandoned),
      ("duplicates", "duplicates on purpose", counts.duplicates),
      ("reordered", "reordered on purpose", counts.reordered), ("forged", "forged", counts.forged),
      ("receipts", "receipts obeyed", counts.receipts),
      ("lost_receipts", "receipts lost on purpose", counts.lostReceipts),
      ("refused_receipts", "receipts refused", counts.refusedReceipts),
      ("reboots", "reboots", counts.reboots), ("cuts", "connections cut", counts.cuts),
      ("reconnects", "reconnects", counts.reconnects),
      ("stalls", "turns with full outboxes", counts.stalls),
      ("library_errors", "library errors", counts.libraryErrors),
    ]
  }

  private static let always: Set<String> = [
    "frames", "readings", "transmissions", "receipted", "waiting", "duplicates", "forged", "reconnects",
  ]

  var text: String {
    var lines: [String] = []
    for member in members where member.value != 0 || Self.always.contains(member.name) {
      let padding = String(repeating: " ", count: max(1, 36 - member.label.count))
      lines.append(member.label + padding + "\(member.value)")
    }
    let p50 = latency.quantile(0.5).map { "\($0) ms" } ?? "none"
    let p99 = latency.quantile(0.99).map { "\($0) ms" } ?? "none"
    lines.append("publish to receipt, p50 and p99       \(p50), \(p99)")
    return lines.joined(separator: "\n")
  }

  /// One object; latencies in milliseconds, `null` where nothing was receipted.
  var json: String {
    var parts = members.map { "\"\($0.name)\":\($0.value)" }
    let p50 = latency.quantile(0.5).map(String.init) ?? "null"
    let p99 = latency.quantile(0.99).map(String.init) ?? "null"
    parts.append("\"receipt_ms\":{\"p50\":\(p50),\"p99\":\(p99)}")
    parts.append("\"milliseconds\":\(Int(seconds * 1_000))")
    return "{" + parts.joined(separator: ",") + "}"
  }
}
