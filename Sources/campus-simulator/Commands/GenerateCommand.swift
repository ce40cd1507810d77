import ArgumentParser
import Campus

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Make a believable campus directory: units, people, places, devices, timetable, surveys.")

  @Argument(help: "The directory to write; made if it is not there.") var directory: String
  @Option(help: "Of what chance decides.") var seed: UInt64 = 1
  @Option(help: "Students, in classes of about forty.") var students = 1_000
  @Option(help: "Classrooms. Without it as many as the timetable needs.") var rooms: Int?
  @Option(help: "Devices. Without it one a room and some more.") var devices: Int?
  @Option(help: "Days of the timetable, weekends counted.") var days = 14
  @Option(help: "The first day, such as 2026-09-07. Without it last week's Monday.") var start: String?
  @Option(help: "The campus's time zone.") var timeZone = "Asia/Shanghai"
  @Flag(
    help: """
      Add the awkward cases a real timetable has: two meetings in one room, people in two groups at once, meetings \
      over midnight, people with two cards or none, a group of nobody.
      """)
  var awkward = false

  func validate() throws {
    guard (1...200_000).contains(students) else { throw ValidationError("--students is from 1 to 200000") }
    guard (1...5_000).contains(rooms ?? 1) else { throw ValidationError("--rooms is from 1 to 5000") }
    guard (1...200_000).contains(devices ?? 1) else { throw ValidationError("--devices is from 1 to 200000") }
    guard (1...400).contains(days) else { throw ValidationError("--days is from 1 to 400") }
  }

  func run() throws {
    let zone = try CampusZone(timeZone)
    let first = try start.map { try LocalDay($0, zone: zone) } ?? LocalDay.today(in: zone).monday.adding(-7)
    var builder = CampusBuilder(seed: seed, students: students, zone: zone)
    builder.makeUnits()
    builder.makePeople()
    builder.makePlaces(rooms: rooms)
    builder.makeDevices(count: devices)
    builder.makeTimetable(from: first, days: days)
    builder.makeSurveys()
    if awkward { builder.makeAwkward(from: first, days: days) }
    try CampusWriter(directory: directory).write(builder)
    print(
      "\(directory): \(builder.people.count) people, \(builder.devices.count) devices, "
        + "\(builder.sessions.count) meetings from \(first.text)")
  }
}
