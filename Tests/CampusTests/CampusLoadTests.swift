import Foundation
import Testing

@testable import Campus

@Suite struct CampusLoadTests {
  @Test func aGoodDirectoryGivesEveryRowTyped() throws {
    let (loaded, faults) = Sample.load(Sample.campus)
    #expect(faults == [])
    let campus = try #require(loaded)
    #expect(campus.units.map(\.level) == [.school, .college, .office, .programme, .class])
    #expect(campus.person("s1")?.cards == [[0x04, 0xA1, 0xB2, 0xC3]])
    #expect(campus.person("s2")?.cards.count == 2)
    #expect(campus.person("w1")?.unitID == nil)
    #expect(campus.place("room-1")?.unitID == "col-1")
    #expect(campus.device(site: "main", device: "term-1")?.auth == .mac)
    #expect(campus.device(site: "main", device: "kiosk-1")?.adapter == "acme")
    #expect(campus.device(site: "Main", device: "term-1") == nil)
    #expect(campus.session("m1")?.start == 1_788_741_000_000)
    #expect(campus.session("m2")?.end == 1_788_751_200_500)
    #expect(campus.survey(item: 1)?.scores == 1...5)
  }

  @Test func aGroupKeepsItsMembersTogetherHoweverTheRowsLie() throws {
    let campus = try #require(Sample.load(Sample.campus).campus)
    #expect(campus.enrolments.groups == ["g1", "g2"])
    #expect(campus.enrolments.count == 3)
    #expect(campus.people(inGroup: "g1").map(\.id) == ["s1", "s2"])
    #expect(campus.people(inGroup: "g9").isEmpty)
  }

  @Test func pathsLeadFromAUnitOrPlaceToItsRoot() throws {
    let campus = try #require(Sample.load(Sample.campus).campus)
    #expect(campus.path(ofUnit: "class-1").map(\.id) == ["class-1", "prog-1", "col-1", "school"])
    #expect(campus.path(ofPlace: "room-1").map(\.id) == ["room-1", "bld-1", "campus"])
    #expect(campus.path(ofPlace: "nowhere").isEmpty)
  }

  @Test func devicesAloneLoadWithTheirPlacesUnverified() throws {
    let devices = Sample.campus[.devices]
    let (campus, faults) = Sample.load([.devices: try #require(devices)])
    #expect(faults == [])
    #expect(campus?.devices.count == 2)
  }

  @Test func devicesMayLeaveOutModelAndAdapter() {
    let (campus, faults) = Sample.load([.devices: "auth,device,site,place_id\nmac,d1,main,p\n"])
    #expect(faults == [])
    #expect(campus?.device(site: "main", device: "d1")?.adapter == nil)
  }

  @Test func aDirectoryWithoutDevicesIsRefused() {
    #expect(Sample.load([:]).faults == [fault(.devices, 1, .fileMissing)])
  }

  @Test func enrolmentsWithoutPeopleAreRefused() {
    var files = Sample.campus
    files[.people] = nil
    #expect(Sample.load(files).faults == [fault(.enrolments, 1, .enrolmentsWithoutPeople)])
  }

  @Test func aMissingDirectoryIsOneFault() {
    let (campus, faults) = Campus.load(directory: "/nonexistent/campus")
    #expect(campus == nil)
    #expect(faults.map(\.problem) == [.directoryMissing])
    #expect(faults.first?.description.hasPrefix("/nonexistent/campus:1: ") == true)
  }

  @Test func aDirectoryOnDiskLoadsLikeItsBytes() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("campus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (file, text) in Sample.campus {
      try Data(text.utf8).write(to: directory.appendingPathComponent(file.rawValue))
    }
    #expect(Campus.load(directory: directory.path).campus == Sample.load(Sample.campus).campus)

    let places = directory.appendingPathComponent("places.csv")
    try FileManager.default.removeItem(at: places)
    try FileManager.default.createDirectory(at: places, withIntermediateDirectories: true)
    let faults = Campus.load(directory: directory.path).faults
    #expect(faults.map(\.file) == [places.path])
    #expect(faults.first?.problem == .fileUnreadable(reason: "not a file"))
  }

  @Test func aHundredThousandPeopleAndAMillionEnrolmentsLoadInSeconds() {
    var people = "person_id,role,name,unit_id,card\n"
    for person in 0..<100_000 {
      people += "s\(person),student,学生\(person),,\(String(person + 0x1000_0000, radix: 16))\n"
    }
    var enrolments = "group_id,person_id\n"
    for enrolment in 0..<1_000_000 {
      enrolments += "group-\(enrolment / 50),s\(enrolment * 7 % 100_000)\n"
    }
    let files: [CampusFile: String] = [
      .devices: "site,device,place_id,auth\n", .people: people, .enrolments: enrolments,
    ]
    var campus: Campus?
    let duration = ContinuousClock().measure { campus = Sample.load(files).campus }
    #expect(campus?.enrolments.count == 1_000_000)
    // Loose: about 1 s in release mode; debug builds on a busy machine take many times that.
    #expect(duration < .seconds(90))
  }
}
