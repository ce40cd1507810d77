import Campus
import Foundation
import Testing

@testable import campus_simulator

@Suite struct CampusBuilderTests {
  @Test(arguments: [1, 40, 200, 3_000])
  func aGeneratedCampusHasNoFault(students: Int) throws {
    let path = try Samples.directory(students: students)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (campus, faults) = Campus.load(directory: path)
    #expect(faults.isEmpty)
    #expect(campus?.people.count(where: { $0.role == .student }) == students)
  }

  @Test func theSameSeedMakesTheSameFiles() throws {
    let first = try Samples.directory(seed: 9)
    let second = try Samples.directory(seed: 9)
    defer { for path in [first, second] { try? FileManager.default.removeItem(atPath: path) } }
    for file in CampusFile.allCases {
      #expect(try Files.read(first + "/" + file.rawValue) == Files.read(second + "/" + file.rawValue))
    }
  }

  @Test(arguments: [1, 4, 60]) func thereAreAsManyDevicesAsAskedFor(count: Int) throws {
    let path = try Samples.directory(devices: count)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try Campus.loaded(path).devices.count == count)
  }

  @Test func noRoomTeacherOrClassMeetsTwiceAtOnce() throws {
    let path = try Samples.directory(students: 1_000)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let campus = try Campus.loaded(path)
    var taken = Set<String>()
    for session in campus.sessions {
      let group = session.groupID.split(separator: "-").prefix(4).joined(separator: "-")
      for who in [session.placeID, session.teacherID, group] {
        #expect(taken.insert("\(who)@\(session.start)").inserted)
      }
    }
    #expect(!campus.sessions.isEmpty)
  }
}
