import Foundation
import Testing

@testable import campus_simulator

@Suite struct ProofTests {
  private static let ledger = """
    {"event":"frame","site":"main","device":"a","epoch":7,"seq":1,"clock":2,"readings":[\
    {"kind":"checkin","at":100,"card":"04a1b2c3","method":"nfc"},\
    {"kind":"response","at":101,"item":1,"score":-4,"ballot":"0011223344556677"}]}
    {"event":"frame","site":"main","device":"a","epoch":7,"seq":2,"clock":2,"readings":[\
    {"kind":"incident","at":102,"category":5,"text":"灯管\\"损坏\\""},\
    {"kind":"status","at":103,"status":{"battery_mv":3700,"firmware":"1.4.2"}}]}
    {"event":"frame","site":"main","device":"a","epoch":7,"seq":3,"clock":2,"readings":[\
    {"kind":"passage","at":104,"card":"04a1b2c3","direction":"in","granted":false}]}
    {"event":"abandoned","site":"main","device":"a","epoch":7,"seq":3,"reason":"outbox full"}
    {"event":"end","frames":3,"readings":5}
    """

  private static let rows = [
    #"{"site":"main","device":"a","epoch":7,"seq":1,"index":0,"kind":"checkin","event_time":100,"time_quality":"device","received_time":9,"place":null,"subject":"aa","method":"nfc"}"#,
    #"{"site":"main","device":"a","epoch":7,"seq":1,"index":1,"kind":"response","event_time":101,"time_quality":"device","item":1,"score":-4,"ballot":"0011223344556677"}"#,
    #"{"site":"main","device":"a","epoch":7,"seq":2,"index":0,"kind":"incident","event_time":102,"time_quality":"device","category":5,"text":"\u706f管\"损坏\""}"#,
    #"{"site":"main","device":"a","epoch":7,"seq":2,"index":1,"kind":"status","event_time":99,"time_quality":"corrected","status":{"firmware":"1.4.2","battery_mv":3700}}"#,
  ]
  private static let abandoned =
    #"{"site":"main","device":"a","epoch":7,"seq":3,"index":0,"kind":"passage","event_time":104,"time_quality":"device","subject":"aa","direction":"in","granted":false}"#

  private func prove(_ rows: [String]) throws -> ProofResult {
    let folder = NSTemporaryDirectory() + "proof-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Files.makeDirectory(folder)
    try Files.write(Self.ledger, to: folder + "/ledger")
    try Files.write(rows.joined(separator: "\n"), to: folder + "/export")
    var proof = Proof()
    try proof.read(ledger: folder + "/ledger")
    try proof.read(export: folder + "/export")
    return proof.finish()
  }

  @Test func everyReadingOnceIsProven() throws {
    let result = try prove(Self.rows)
    #expect(result.isGood, "\(result.text)")
    #expect(result.readingsSent == 5)
    #expect(result.framesAbandoned == 1)
  }

  @Test func aFrameGivenUpMayBeStored() throws {
    #expect(try prove(Self.rows + [Self.abandoned]).isGood)
  }

  @Test(arguments: 0..<4) func aMissingReadingIsFound(row: Int) throws {
    var rows = Self.rows
    rows.remove(at: row)
    #expect(try prove(rows).missing == 1)
  }

  @Test func aReadingStoredTwiceIsFound() throws {
    #expect(try prove(Self.rows + [Self.rows[1]]).repeated == 1)
  }

  @Test func aReadingNobodySentIsFound() throws {
    let row = Self.rows[0].replacing("\"seq\":1", with: "\"seq\":9")
    #expect(try prove(Self.rows + [row]).foreign == 1)
  }

  @Test(arguments: [
    (0, "nfc", "qr"), (0, "\"event_time\":100", "\"event_time\":101"), (0, "\"subject\":\"aa\"", "\"subject\":null"),
    (1, "-4", "4"), (1, "0011", "0012"), (2, "管", "泡"), (3, "3700", "3701"), (3, "1.4.2", "1.4.3"),
  ])
  func anAlteredReadingIsFound(row: Int, old: String, new: String) throws {
    var rows = Self.rows
    rows[row] = rows[row].replacing(old, with: new)
    #expect(try prove(rows).altered == 1)
  }

  @Test func oneCardWithTwoSubjectsIsFound() throws {
    let row = Self.abandoned.replacing("\"subject\":\"aa\"", with: "\"subject\":\"bb\"")
    #expect(try prove(Self.rows + [row]).altered == 1)
  }

  @Test func aLineThatIsNoJSONStopsTheProof() {
    #expect(throws: Failure.self) { try prove(["{\"site\":"]) }
  }
}
