import Campus
import ReadingLog

/// Responses to satisfaction of places and to assessment of courses: which, the survey item's place kind says.
///
/// Votes are anonymous and each counts; a ballot that comes twice, in two frames, counts twice.
final class SurveyFold {
  private let table: AggregateTable
  private let names: Names
  private let devices: DeviceTable
  private let attendance: AttendanceFold
  /// By device and item.
  private var fans: [Int64: Fan] = [:]
  private(set) var unattributed = Unattributed()

  init(_ table: AggregateTable, _ devices: DeviceTable, _ attendance: AttendanceFold) {
    self.table = table
    names = table.names
    self.devices = devices
    self.attendance = attendance
  }

  /// A new campus version: items and places may be others.
  func reset() { fans.removeAll() }

  func respond(_ row: FoldRow) throws(LogError) {
    let view = attendance.view
    guard let survey = view.surveys[row.item] else {
      unattributed.unknownItem += 1
      return
    }
    guard survey.least <= row.value, row.value <= survey.most else {
      unattributed.scoreOutOfRange += 1
      return
    }
    let place = devices.entries[Int(row.device)].place
    guard place >= 0 else { return }
    let key = Int64(row.device) << 32 | row.item & 0xffff_ffff
    let bucket = Fan.bucket(of: row.eventTime)
    var fan = fans[key] ?? Fan()
    if !fan.holds(bucket, table.generation) || survey.isForRooms {
      // Meetings begin and end at any minute.
      let slots =
        try survey.isForRooms ? assessment(row, survey, place, view) : satisfaction(row, survey, place, view)
      fan = Fan(bucket: bucket, generation: table.generation, slots: slots)
      for slot in slots { table.slots[Int(slot)].hear(Int64(row.device)) }
      if !survey.isForRooms { fans[key] = fan }
    }
    let isMarked = survey.isForRooms ? survey.isPass(row.value) : survey.isLow(row.value)
    for slot in fan.slots {
      table.add(to: slot) { slot in
        slot.sums[SumsLayout.Survey.count] += 1
        slot.sums[SumsLayout.Survey.total] += row.value
        if isMarked { slot.sums[SumsLayout.Survey.marked] += 1 }
        slot.count(score: row.value)
      }
    }
  }

  /// The place itself in all grains; what it lies in, and the units responsible for it, from meals up.
  private func satisfaction(
    _ row: FoldRow, _ survey: CampusView.Survey, _ position: Int32, _ view: CampusView
  ) throws(LogError) -> [Int32] {
    let place = view.places[Int(position)]
    let day = view.calendar.day(at: row.eventTime)
    let time = row.eventTime
    let start = Fan.bucket(of: time) * Fan.bucketMilliseconds
    var coarse: [(AggregateGrain, Window)] = [(.day, day.window), (.month, day.month), (.term, day.term)]
    if let meal = day.meals.first(where: { $0.contains(time) }) { coarse.insert((.meal, meal), at: 0) }
    let fine = [(AggregateGrain.fiveMinutes, Window(start: start, end: start + Fan.bucketMilliseconds))]
    var slots: [Int32] = []
    for (distance, name) in place.line.enumerated() {
      try add(
        .satisfaction, .place, names.pair(name, survey.dimension), distance == 0 ? fine + coarse : coarse,
        devices: view.devicesBelow[name] ?? 0, to: &slots)
    }
    for unit in place.units {
      try add(
        .satisfaction, .unit, names.pair(unit, survey.dimension), coarse, devices: view.devicesOfUnit[unit] ?? 0,
        to: &slots)
    }
    return slots
  }

  /// The meetings in the room at that time, their courses, teachers and units; the room itself where nothing meets.
  private func assessment(
    _ row: FoldRow, _ survey: CampusView.Survey, _ position: Int32, _ view: CampusView
  ) throws(LogError) -> [Int32] {
    let place = view.places[Int(position)].name
    let expected = view.devicesBelow[place] ?? 0
    let day = view.calendar.day(at: row.eventTime)
    let coarse: [(AggregateGrain, Window)] = [(.month, day.month), (.term, day.term)]
    var slots: [Int32] = []
    func add(_ scope: AggregateScope, _ name: Int32, _ windows: [(AggregateGrain, Window)]) throws(LogError) {
      try self.add(
        .assessment, scope, names.pair(name, survey.dimension), windows, devices: expected, to: &slots)
    }
    let schedule = devices.entries[Int(row.device)].schedule
    var isMeeting = false
    if schedule >= 0 {
      let meetings = attendance.timetable.schedules[Int(schedule)]
      for entry in meetings.entries(inSpan: meetings.span(at: row.eventTime)) {
        let meeting = try attendance.meeting(at: Int(entry))
        let session = attendance.meetings[meeting].session
        // The quarter of an hour before the start belongs to the check-ins alone.
        guard session.start <= row.eventTime else { continue }
        isMeeting = true
        try add(.session, session.name, [(.meeting, Window(start: session.start, end: session.end))])
        try add(.course, session.course, coarse)
        try add(.teacher, session.teacher, coarse)
        let roster = attendance.meetings[meeting].roster
        for unit in roster.view.courseUnits[Int(session.units)] { try add(.unit, unit, coarse) }
      }
    }
    if !isMeeting { try add(.place, place, coarse) }
    // Two meetings of one course in the room are one course.
    return slots.enumerated().filter { !slots[..<$0.offset].contains($0.element) }.map(\.element)
  }

  private func add(
    _ kind: AggregateKind, _ scope: AggregateScope, _ name: Int32, _ windows: [(AggregateGrain, Window)],
    devices: Int64, to slots: inout [Int32]
  ) throws(LogError) {
    for (grain, window) in windows {
      let slot = try table.slot(kind, scope, name, grain, window)
      table.slots[Int(slot)].sums[SumsLayout.devicesExpected] = devices
      slots.append(slot)
    }
  }
}
