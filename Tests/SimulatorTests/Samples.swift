import Campus
import Foundation

@testable import campus_simulator

/// A small generated campus, as loaded from its directory.
enum Samples {
  static let monday = LocalDay(number: 20_703)

  static func directory(
    seed: UInt64 = 1, students: Int = 200, devices: Int? = nil, awkward: Bool = false, zone: CampusZone = .china
  ) throws -> String {
    let path = NSTemporaryDirectory() + "campus-\(UUID().uuidString)"
    let first = LocalDay(number: monday.number, zone: zone)
    var builder = CampusBuilder(seed: seed, students: students, zone: zone)
    builder.makeUnits()
    builder.makePeople()
    builder.makePlaces(rooms: nil)
    builder.makeDevices(count: devices)
    builder.makeTimetable(from: first, days: 7)
    builder.makeSurveys()
    if awkward { builder.makeAwkward(from: first, days: 7) }
    try CampusWriter(directory: path).write(builder)
    return path
  }

  static func planner(seed: UInt64, awkward: Bool = false) throws -> DayPlanner {
    let path = try directory(awkward: awkward)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let campus = try Campus.loaded(path)
    let devices = campus.devices.map { row in
      SimulatedDevice(
        name: row.name, role: SimulatedDevice.role(model: row.model, place: campus.place(row.placeID)?.kind),
        usesJSON: row.auth == .transport, key: Keys.derived(seed: 1, name: row.name))
    }
    return DayPlanner(seed: seed, campus: campus, devices: devices, cards: CardBook(campus, seed: seed))
  }
}
