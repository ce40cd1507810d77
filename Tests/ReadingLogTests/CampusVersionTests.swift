import Foundation
import GRDB
import Testing

@testable import ReadingLog

@Suite struct CampusVersionTests {
  private let people = Array("person_id,card\ns1,04a1b2c3d4e5f6\n".utf8)

  @Test func aVersionGivesItsFilesBackByteForByte() throws {
    let log = try Log()
    let large = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let (version, isNew) = try log.store.commitCampus(
      [("people.csv", people), ("enrolments.csv", large)], timeZone: "Asia/Shanghai", settings: "{}", now: 1)
    #expect(isNew)
    let files = try log.store.campusFiles(of: version.id)
    #expect(files.map(\.name) == ["enrolments.csv", "people.csv"])
    #expect(files[0].bytes == large)
    #expect(files[1].bytes == people)
    let again = try log.store.commitCampus(
      [("enrolments.csv", large), ("people.csv", people)], timeZone: "Asia/Shanghai", settings: "{}", now: 2)
    #expect(!again.isNew && again.version.id == version.id)
  }

  /// Cards and readings side by side would undo the tokens.
  @Test func noCardNumberStandsInTheStore() throws {
    let log = try Log()
    try log.store.commitCampus([("people.csv", people)], timeZone: "Asia/Shanghai", settings: "{}", now: 1)
    log.writer.finish()
    try log.store.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: log.path))
    #expect(bytes.range(of: Data("people.csv".utf8)) != nil)
    #expect(bytes.range(of: Data("04a1b2c3d4e5f6".utf8)) == nil)
    let reader = try LogStore.openReadOnly(log.path)
    #expect(throws: LogError.self) { try reader.campusFiles(of: 1) }
  }
}
