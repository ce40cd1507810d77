import Aggregation
import Campus
import Hummingbird
import ReadingLog

extension Desk {
  var campusEndpoints: [Endpoint] {
    [
      Endpoint(.get, "/api/v1/places", parameters: ["kind"] + Query.paging, forms: [.json]) { try places($0) },
      Endpoint(.get, "/api/v1/units", parameters: Query.paging, forms: [.json]) { try units($0) },
      Endpoint(.get, "/api/v1/meetings", parameters: ["date"] + Query.paging, forms: [.json]) {
        try await meetings($0)
      },
    ]
  }

  /// A page of what stands in memory in a fixed order; the cursor is the place of the next.
  private func page(
    _ call: Call, _ list: String, count: Int, _ item: (Int) -> JSONMembers?
  ) throws(Problem) -> ListPage {
    let limit = try call.query.limit()
    var index = Int(max(0, try call.query.cursorNumbers(of: list, count: 1)?[0] ?? 0))
    var page = ListPage(items: [])
    while index < count, page.items.count < limit {
      if let members = item(index) { page.items.append(.members(members)) }
      index += 1
    }
    if index < count { page.next = Cursor.encode(list, ["\(index)"]) }
    return page
  }

  private func places(_ call: Call) throws -> Response {
    let kind = try call.query.choice("kind", Place.Kind.allCases) { $0.rawValue }
    let places = parts.campus.current.campus.places
    return try page(call, "places", count: places.count) { index in
      let place = places[index]
      if let kind, place.kind != kind { return nil }
      var members = JSONMembers()
      members.add("place_id", .text(place.id))
      members.add("parent_id", JSON(place.parentID))
      members.add("kind", .text(place.kind.rawValue))
      members.add("name", .text(place.name))
      members.add("unit_id", JSON(place.unitID))
      return members
    }.response(to: call)
  }

  private func units(_ call: Call) throws -> Response {
    let units = parts.campus.current.campus.units
    return try page(call, "units", count: units.count) { index in
      let unit = units[index]
      var members = JSONMembers()
      members.add("unit_id", .text(unit.id))
      members.add("parent_id", JSON(unit.parentID))
      members.add("level", .text(unit.level.rawValue))
      members.add("name", .text(unit.name))
      return members
    }.response(to: call)
  }

  // MARK: Meetings

  private func meetings(_ call: Call) async throws -> Response {
    let calendar = CampusDay(timeZone: parts.timeZone)
    let now = parts.now()
    var day = calendar.day(at: now)
    if let date = try call.query.text("date") {
      guard let wanted = calendar.day(date) else {
        throw Problem(.badRequest, "date: “\(date.prefix(80))” is no day: write YYYY-MM-DD")
      }
      day = wanted
    }
    let campus = parts.campus.current.campus
    let sessions = campus.sessions.filter { $0.start >= day.start && $0.start < day.end }
      .sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    let known = try await revisions(of: day)
    var page = try page(call, "meetings-\(day.text)", count: sessions.count) { index in
      Desk.meeting(sessions[index], known[sessions[index].id], campus, now)
    }
    page.beside.add("date", .text(day.text))
    page.beside.add("time_zone", .text(parts.timeZone))
    return page.response(to: call)
  }

  /// What is known of the meetings of a day, by session.
  private func revisions(of day: CampusDay.Day) async throws -> [String: AggregateItem] {
    var filter = AggregateFilter()
    filter.kind = AggregateKind.attendance.rawValue
    filter.scope = AggregateScope.session.rawValue
    filter.grain = AggregateGrain.meeting.rawValue
    filter.from = day.start
    filter.to = day.end
    let (store, wanted) = (parts.store, filter)
    return try await work.read {
      var known: [String: AggregateItem] = [:]
      try store.aggregates(wanted) { page in
        for stored in page { known[stored.name] = try AggregateItem(stored) }
      }
      return known
    }
  }

  private static func meeting(
    _ session: Session, _ item: AggregateItem?, _ campus: Campus, _ now: Int64
  ) -> JSONMembers {
    var members = JSONMembers()
    members.add("session_id", .text(session.id))
    members.add("course_id", .text(session.courseID))
    members.add("course_name", JSON(campus.course(session.courseID)?.name))
    members.add("group_id", .text(session.groupID))
    members.add("teacher_id", .text(session.teacherID))
    members.add("teacher_name", JSON(campus.person(session.teacherID)?.name))
    members.add("place_id", .text(session.placeID))
    members.add("place_name", JSON(campus.place(session.placeID)?.name))
    members.add("start", .integer(session.start))
    members.add("end", .integer(session.end))
    members.add("state", .text(now < session.start ? "planned" : now < session.end ? "running" : "over"))
    members.add("final", .bool(item?.isFinal ?? false))
    members.add("revision", .integer(item?.revision ?? 0))
    members.add("complete", .bool(item.map { $0.devicesHeard >= $0.devicesExpected } ?? false))
    for name in ["expected", "present", "late", "absent", "unknown"] {
      members.add(name, JSON(item?.measures.integer(name)))
    }
    var rate: Double?
    if case .number(let value)? = item?.measures["rate"] { rate = value }
    members.add("rate", JSON(rate))
    return members
  }
}
