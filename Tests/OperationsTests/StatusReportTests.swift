import Foundation
import Ingest
import Testing

@testable import Operations
@testable import ReadingLog

@Suite struct StatusReportTests {
  private func report(_ running: RunningStatus?, lastCommit: Int64?) -> StatusReport {
    var ledger = Ledger()
    (ledger.received, ledger.stored) = (4, 4)
    return StatusReport(
      running,
      LogStore.Summary(
        uuid: "a1", lastRow: 70, lastCommit: lastCommit, commits: 3, ledger: ledger,
        rejections: [(reason: "not_cose", count: 2), (reason: "no_key", count: 1)], devices: 2, devicesHeard: 1,
        held: 0, missing: 5, waiting: 0, cursors: [(name: "b", row: 60), (name: "a", row: 80)], fileBytes: 8_192),
      [
        OutboxStatus(
          destination: "embedded", finals: 4, running: 5, oldestWatermark: lastCommit, putAside: 0, putAsideEvents: 0)
      ],
      lastCommit.map {
        CampusVersion(id: 2, fromRow: 1, afterBatch: 0, committedTime: $0, timeZone: "Asia/Shanghai", settings: "{}")
      })
  }

  private func expectWhatTheEncoderWrites(_ report: StatusReport) throws {
    let written = String(decoding: report.json.bytes, as: UTF8.self)
    #expect(written == String(decoding: try JSON(encoding: report).bytes, as: UTF8.self))
  }

  @Test func aRunningGatewayIsWrittenAsTheEncoderWouldWriteIt() throws {
    var values = IntakeStatus.Values()
    try expectWhatTheEncoderWrites(report(RunningStatus(values, [], diagnosisProblem: nil), lastCommit: nil))
    values.problem = "a \"problem\" at /dev/sda"
    values.oldestUnacknowledged = 17
    values.isOnline = true
    var running = RunningStatus(values, [], diagnosisProblem: "no room")
    (running.latencyP50, running.latencyP99) = (3, 40)
    let relay = """
      {"to": "https://core", "batches": 4, "events": 30, "refused": 1, "failures": 2, "problem": "HTTP 503",
       "last_accepted": 1795421072397, "running_waiting": 12}
      """
    running.relays["remote"] = try JSONDecoder().decode(RelayReport.self, from: Data(relay.utf8))
    try expectWhatTheEncoderWrites(report(running, lastCommit: 1_795_421_072_397))
  }

  @Test func aGatewayThatDoesNotRunIsToo() throws {
    try expectWhatTheEncoderWrites(report(nil, lastCommit: 5))
  }
}
