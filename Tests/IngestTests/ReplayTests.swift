import Foundation
import GRDB
import Testing

@testable import Ingest
@testable import ReadingLog

@Suite struct ReplayTests {
  /// Three messages of a kind nobody knew when they came; today two of them are good, and one is damaged.
  private func makeSite() throws -> (site: Site, ids: [Int64]) {
    let site = try Site()
    for seq in UInt32(1)...3 { #expect(try site.send(0, Frame(seq, readings: [Frame.faulty(seq)])) == .quarantined) }
    let ids = try site.store.quarantine().map(\.id)
    let box = SecretBox(Site.masterKey, purpose: "quarantine v1")
    let contents = [
      try box.seal(site.message(0, Frame(1).payload)), [1, 2, 3], try box.seal(site.message(0, Frame(3).payload)),
    ]
    try site.store.pool.write { db in
      for (id, content) in zip(ids, contents) {
        try db.execute(sql: "UPDATE quarantine SET sealed = ? WHERE id = ?", arguments: [Data(content), id])
      }
    }
    return (site, ids)
  }

  @Test func aDamagedMessageKeepsNoOtherFromItsTurn() throws {
    let (site, ids) = try makeSite()
    let outcomes = site.intake.replay(ids + [99], now: site.now)
    #expect(outcomes.map(\.id) == ids + [99])
    #expect(outcomes.map(\.outcome) == ["stored", "quarantined", "stored", "unknown"])
    #expect(outcomes[1].reason?.contains("cannot be decrypted") == true)
    #expect(try site.readings().map(\.seq) == [1, 3])
    try site.expectBalance()
  }

  @Test func aReplayEndsBetweenTwoMessages() throws {
    let (site, ids) = try makeSite()
    var asked = 0
    let outcomes = site.intake.replay(ids, now: site.now) {
      asked += 1
      return asked > 1
    }
    #expect(outcomes.map(\.outcome) == ["stored", "quarantined", "quarantined"])
    #expect(outcomes[2].reason?.contains("not tried") == true)
    #expect(try site.readings().map(\.seq) == [1])
    try site.expectBalance()
  }
}
