import Aggregation
import Campus
import Testing

/// What meetings that are not final come to over several campus versions, against a fold that knew the last one from
/// the start.
@Suite struct CampusVersionsTests {
  private static let cards = (1...9).map { "0a00000\($0)" }
  private static let rooms = 1...4
  private static let students = 1...8

  /// Of the files that decide on attendance, one by chance.
  private func text(of file: CampusFile, _ generator: inout SeededGenerator) -> String {
    switch file {
    case .people: people(&generator)
    case .devices: devices(&generator)
    case .sessions: sessions(&generator)
    default: enrolments(&generator)
    }
  }

  private func people(_ generator: inout SeededGenerator) -> String {
    var cards: [Int: [String]] = [:]
    // Some are nobody's.
    for card in CampusVersionsTests.cards { cards[Int.random(in: 0...8, using: &generator), default: []].append(card) }
    var text = "person_id,role,name,unit_id,card\nt1,teacher,T,col,\nt2,teacher,U,col,\n"
    for student in CampusVersionsTests.students.shuffled(using: &generator) {
      let unit = Int.random(in: 1...2, using: &generator)
      text += "s\(student),student,N,prog-\(unit),\((cards[student] ?? []).joined(separator: ";"))\n"
    }
    return text
  }

  private func devices(_ generator: inout SeededGenerator) -> String {
    var text = "site,device,place_id,auth\n"
    for device in CampusVersionsTests.rooms {
      text += "main,term-\(device),room-\(Int.random(in: CampusVersionsTests.rooms, using: &generator)),mac\n"
    }
    return text
  }

  /// Every meeting goes on until the evening.
  private func sessions(_ generator: inout SeededGenerator) -> String {
    var text = "session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at\n"
    for session in 1...6 {
      let group = Int.random(in: 1...4, using: &generator)
      let room = Int.random(in: CampusVersionsTests.rooms, using: &generator)
      let tens = Int.random(in: 1...3, using: &generator)
      text += "m\(session),c\(session % 2 + 1),g\(group),t\(session % 2 + 1),room-\(room),"
      text += "2026-09-07T08:\(tens)0:00+08:00,2026-09-07T20:00:00+08:00\n"
    }
    return text
  }

  private func enrolments(_ generator: inout SeededGenerator) -> String {
    var text = "group_id,person_id\n"
    for group in 1...4 {
      for student in CampusVersionsTests.students where Int.random(in: 0..<2, using: &generator) == 0 {
        text += "g\(group),s\(student)\n"
      }
    }
    return text
  }

  /// Each has one file another than the one before.
  private func versions(_ generator: inout SeededGenerator) -> [CampusText] {
    let files: [CampusFile] = [.people, .devices, .sessions, .enrolments]
    var campus = CampusText.small
    campus.files[.places] =
      "place_id,parent_id,kind,name,unit_id\n"
      + CampusVersionsTests.rooms.map { "room-\($0),,room,R,\n" }.joined()
    for file in files { campus.files[file] = text(of: file, &generator) }
    var versions = [campus]
    for _ in 0..<6 {
      let file = files.randomElement(using: &generator) ?? .people
      campus.files[file] = text(of: file, &generator)
      versions.append(campus)
      // One line of a roster more or less is what mostly happens.
      campus.files[.enrolments] = toggled(campus.files[.enrolments] ?? "", &generator)
      versions.append(campus)
    }
    return versions
  }

  private func toggled(_ enrolments: String, _ generator: inout SeededGenerator) -> String {
    let group = Int.random(in: 1...4, using: &generator)
    let student = Int.random(in: CampusVersionsTests.students, using: &generator)
    let line = "g\(group),s\(student)\n"
    return enrolments.contains(line) ? enrolments.replacing(line, with: "") : enrolments + line
  }

  private func samples(until time: Int64, _ generator: inout SeededGenerator) -> [Sample] {
    var samples: [Sample] = []
    for _ in 0..<12 {
      let card = CampusVersionsTests.cards.randomElement(using: &generator) ?? Card.stranger
      let event = Int64.random(in: at(7, "07:50")...time, using: &generator)
      let device = Int.random(in: CampusVersionsTests.rooms, using: &generator)
      samples.append(.checkIn(card, event, "term-\(device)"))
    }
    return samples
  }

  @Test func whatGoesOnStandsAsIfTheLastVersionHadAlwaysHeld() throws {
    var generator = SeededGenerator()
    let versions = versions(&generator)
    let through = try World(versions[0])
    let last = try World(versions[versions.count - 1])
    for (number, version) in versions.enumerated() {
      let time = at(7, "08:35") + Int64(number) * 600_000
      if number > 0 { try through.change(version, at: time - 60_000, isHandedOver: Bool.random(using: &generator)) }
      let samples = samples(until: time, &generator)
      for world in [through, last] { try world.commit(at: time, samples) }
      try through.fold()
      if Int.random(in: 0..<4, using: &generator) == 0 { try through.crash() }
    }
    try last.fold()
    let expected = try last.items(.attendance)
    let found = Dictionary(uniqueKeysWithValues: try through.items(.attendance).map { ($0.key, $0) })
    for item in expected { #expect(found[item.key]?.said == item.said) }
    // What only earlier versions had is withdrawn.
    let known = Set(expected.map(\.key))
    for (key, item) in found where !known.contains(key) { #expect(item.attendance == [0, 0, 0, 0, 0], "\(key)") }
    #expect(expected.count > 15)
  }
}
