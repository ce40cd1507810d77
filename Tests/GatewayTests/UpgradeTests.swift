import DeviceProtocol
import Foundation
import GRDB
import Testing

@testable import ReadingLog

extension EndToEnd {
  /// A store that an earlier version made is opened by this one, and nothing of it is lost.
  @Suite(.serialized) struct UpgradeTests {
    /// Makes a store as the first version left it: its tables alone, with three stored check-ins and a rejection.
    private func makeFirstStore(_ path: String, _ key: MasterKey, meeting: School.Meeting) throws {
      let store = try DatabaseQueue(path: path)
      try Schema.migrator.migrate(store, upTo: "1 spine")
      let subjects = SubjectKey(key.derive("subjects v1"))
      try store.write { db in
        try db.execute(
          sql: """
            INSERT INTO log_state (name, value) VALUES ('key_proof', ?), ('made_at', ?), ('uuid', 'a1'),
              ('indexed_through', 0), ('removed_frames', 0), ('removed_readings', 0), ('removed_quarantined', 0)
            """, arguments: [Hex.string(key.derive("proof").prefix(16)), meeting.start])
        try db.execute(
          sql: """
            INSERT INTO device (id, site, device) VALUES (1, 'main', 'term-0001');
            INSERT INTO placement (device, from_row, place) VALUES (1, 1, 'room-1');
            INSERT INTO rejection (reason, count) VALUES ('unknown_device', 1);
            """)
        try db.execute(
          sql: "INSERT INTO boot (id, device, epoch, heard_at) VALUES (1, 1, 1, ?)", arguments: [meeting.start])
        for student in 1...3 {
          let subject = School.card(student).withUnsafeBytes { subjects.token($0) }
          let token = withUnsafeBytes(of: subject.low) { Data($0) } + withUnsafeBytes(of: subject.high) { Data($0) }
          let digest = token.withUnsafeBytes { Int64(bitPattern: Digest.of($0)) }
          try db.execute(
            sql: """
              INSERT INTO reading (id, boot, seq, position, kind, quality, event_time, delay, token, value, digest)
              VALUES (?1, 1, ?1, 0, 1, 0, ?2, 5, ?3, 0, ?4)
              """, arguments: [student, meeting.start, token, digest])
        }
        try db.execute(
          sql: """
            INSERT INTO batch (id, committed_at, received, stored, duplicate, quarantined, rejected, last_row)
            VALUES (1, ?, 4, 3, 0, 0, 1, 3)
            """, arguments: [meeting.start + 5])
      }
      try store.close()
    }

    @Test func aStoreOfTheFirstVersionGoesOn() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      // The master key stays; the store beside it is an old one.
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: deployment.store + suffix) }
      let key = try MasterKey.load("\(deployment.data)/master.key", create: false)
      try makeFirstStore(deployment.store, key, meeting: school.meetings[0])
      try deployment.importKeys(deployment.devices)
      try deployment.start()

      let audit = try deployment.audit()
      #expect(audit.balanced && audit.received == 4 && audit.stored == 3 && audit.rejections == ["unknown_device": 1])
      let lines = try deployment.export()
      #expect(lines.map(\.seq) == [1, 2, 3] && lines.allSatisfy { $0.place == "room-1" && $0.device == "term-0001" })
      // What was stored before there were aggregates is folded as well, under the first campus that is known.
      try deployment.waitForAggregate("session/m1") { $0.measures.present == 3 && $0.measures.absent == 1 }

      // And the old boot goes on: its frames are known, its next is new.
      let client = try deployment.client()
      try deployment.checkIn(client, seq: 4, [(4, school.meetings[0].start)])
      try deployment.waitForAggregate("session/m1") { $0.measures.present == 4 }
      #expect(try deployment.stop() == 0)
      #expect(try deployment.audit().stored == 4)
    }
  }
}
