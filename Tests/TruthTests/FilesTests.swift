import Foundation
import Testing

@testable import campus_truth

@Suite struct FilesTests {
  @Test func cellsMayBeQuoted() {
    let text = "\u{FEFF}b,a\r\n\"x,\"\"y\"\"\nz\",1\r\n\r\n,\n2,\"\""
    #expect(
      PlainCSV.rows(text) == [
        ["b": "x,\"y\"\nz", "a": "1"], ["b": "", "a": ""], ["b": "2", "a": ""],
      ])
  }

  @Test func theCampusIsWhatItsFilesSay() throws {
    let campus = try PlainCampus(Sample.files)
    #expect(campus.personOfCard["0202aaaa"] == "s2")
    #expect(campus.unitPath("class-1") == ["class-1", "prog-1", "col-1", "school"])
    #expect(campus.placePath("floor") == ["floor", "home", "campus"])
    #expect(Set(campus.devices(at: "room-1")) == ["main/a", "main/b"])
    #expect(campus.members["g1"] == ["s1", "s2", "s4"])
  }

  private func file(_ text: String) throws -> String {
    let path = NSTemporaryDirectory() + "truth-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static let ledger = """
    {"event":"start","seed":1}
    {"event":"frame","site":"main","device":"a","epoch":7,"seq":1,"clock":2,"readings":[\
    {"kind":"checkin","at":100,"card":"04A1","person":"s1","method":"nfc"},\
    {"kind":"response","at":900,"time":101,"item":1,"score":-4,"ballot":"0011223344556677"}]}
    {"event":"frame","site":"main","device":"a","epoch":7,"seq":1,"clock":2,"readings":[{"kind":"checkin","at":100}]}
    {"event":"frame","site":"main","device":"b","epoch":4294967295,"seq":2,"clock":2,"readings":[\
    {"kind":"passage","at":104,"card":"04a1","direction":"in","granted":true}]}
    {"event":"abandoned","site":"main","device":"b","epoch":4294967295,"seq":2,"reason":"outbox full"}
    """

  @Test func aLedgerTellsEachReadingOnce() throws {
    let path = try file(Self.ledger)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let readings = try Ledger.readings(file: path)
    #expect(readings.map(\.kind) == ["checkin", "response", "passage"])
    #expect(readings.map(\.time) == [100, 101, 104])
    #expect(readings.map(\.card) == ["04a1", "", "04a1"])
    #expect(readings[1].score == -4 && readings[1].item == 1)
    #expect(readings[2].direction == "in" && readings[2].isGranted && readings[2].device == "main/b")
    #expect(readings[1].name == StoredReading.Name(device: "main/a", epoch: 7, seq: 1, index: 1))
  }

  @Test func anExportSaysWhatIsStoredAndWhen() throws {
    let ledger = try file(Self.ledger)
    let row = #"{"site":"main","device":"a","epoch":7,"seq":1,"index":1,"event_time":99,"received_time":500}"#
    let good = try file(row + "\n")
    let twice = try file(row + "\n" + row)
    let strange = try file(row.replacing("\"seq\":1", with: "\"seq\":3"))
    defer { for path in [ledger, good, twice, strange] { try? FileManager.default.removeItem(atPath: path) } }
    let readings = try Ledger.readings(file: ledger)
    let stored = try Export.apply(try Export.times(file: good), to: readings)
    #expect(stored.count == 1)
    #expect(stored.first?.time == 99 && stored.first?.received == 500 && stored.first?.kind == "response")
    #expect(throws: Unreadable.self) { try Export.times(file: twice) }
    #expect(throws: Unreadable.self) { try Export.apply(try Export.times(file: strange), to: readings) }
  }
}
