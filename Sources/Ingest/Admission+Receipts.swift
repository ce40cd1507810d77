import DeviceProtocol
import ReadingLog

extension Admission {
  /// The receipt for a boot, as its committed state stands.
  func receipt(boot index: Int32, now: Int64, log: Appender) throws(LogError) -> Receipt {
    let boot = boots[Int(index)]
    var open: [Receipt.Range] = []
    if boot.seqs.floor > 0 {
      for gap in try log.rare.openGaps(boot: boot.id, limit: Receipt.maximumRanges) {
        open.append(Receipt.Range(gap.first, gap.last))
      }
    } else {
      for gap in boot.seqs.gaps where !gap.abandoned && open.count < Receipt.maximumRanges {
        open.append(Receipt.Range(gap.first, gap.last))
      }
    }
    let through = open.first.map { $0.from - 1 } ?? boot.seqs.high
    return Receipt(epoch: boot.epoch, through: through, missing: open, now: now, echo: through == 0 ? 0 : boot.echo)
  }
}
