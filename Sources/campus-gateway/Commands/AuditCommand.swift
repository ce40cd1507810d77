import ArgumentParser
import ReadingLog

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Show from the store that every message is accounted for; exit 1 if not.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    var bar = ProgressBar(Wording("recounting", "正在清点"))
    let audit = try common.openStore().audit { row, last in bar.update(row, of: last) }
    bar.finish()
    if common.json {
      try Console.printJSON(AuditReport(audit))
    } else {
      let ledger = audit.ledger
      Console.print(
        """
        received \(ledger.received) = stored \(ledger.stored) + duplicate \(ledger.duplicate) + quarantined \(ledger.quarantined) + rejected \(ledger.rejected)
        """)
      for (reason, count) in audit.rejections { Console.print("  rejected, \(reason): \(count)") }
      Console.print(
        "recounted from the rows: \(audit.framesRecounted) frames, \(audit.readings) readings, \(audit.quarantineRecounted) quarantined"
      )
      if audit.framesRemoved + audit.quarantineRemoved > 0 {
        Console.print(
          "removed by retention: \(audit.framesRemoved) frames, \(audit.readingsRemoved) readings, \(audit.quarantineRemoved) quarantined")
      }
      if audit.waiting > 0 { Console.print("waiting for their device's rate: \(audit.waiting)") }
      for fault in audit.faults { Console.print("NOT BALANCED: \(fault)") }
      if audit.isBalanced { Console.print(Console.isChinese ? "balanced 收支平衡" : "balanced") }
    }
    if !audit.isBalanced { throw ExitCode(1) }
  }
}

struct AuditReport: Encodable {
  var received, stored, duplicate, quarantined, rejected: Int64
  var balanced: Bool
  var rejections: [String: Int64]
  var recounted: [String: Int64]
  var removed: [String: Int64]
  var waiting, commits: Int64
  var faults: [String]

  init(_ audit: Audit) {
    received = audit.ledger.received
    stored = audit.ledger.stored
    duplicate = audit.ledger.duplicate
    quarantined = audit.ledger.quarantined
    rejected = audit.ledger.rejected
    balanced = audit.isBalanced
    rejections = Dictionary(uniqueKeysWithValues: audit.rejections.map { ($0.reason, $0.count) })
    recounted = [
      "frames": audit.framesRecounted, "readings": audit.readings, "quarantined": audit.quarantineRecounted,
    ]
    removed = [
      "frames": audit.framesRemoved, "readings": audit.readingsRemoved, "quarantined": audit.quarantineRemoved,
    ]
    waiting = audit.waiting
    commits = audit.commits
    faults = audit.faults
  }
}
