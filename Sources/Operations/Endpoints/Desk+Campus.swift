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

  /// Where a page begins of what stands in memory in a fixed order: the cursor is the place of the next.
  private static func place(_ call: Call, _ list: String) throws(Problem) -> Int {
    Int(max(0, try call.query.cursorNumbers(of: list, count: 1)?[0] ?? 0))
  }

  private func places(_ call: Call) throws -> Response {
    let kind = try call.query.choice("kind", Place.Kind.allCases) { $0.rawValue }
    let limit = try call.query.limit()
    let places = parts.campus.current.campus.places
    var index = try Desk.place(call, "places")
    var page = ListPage(call.form)
    while index < places.count, page.count < limit {
      if kind == nil || places[index].kind == kind { page.add(places[index]) }
      index += 1
    }
    if index < places.count { page.next = Cursor.encode("places", ["\(index)"]) }
    return page.response(to: call)
  }

  private func units(_ call: Call) throws -> Response {
    let limit = try call.query.limit()
    let units = parts.campus.current.campus.units
    var index = try Desk.place(call, "units")
    var page = ListPage(call.form)
    while index < units.count, page.count < limit {
      page.add(units[index])
      index += 1
    }
    if index < units.count { page.next = Cursor.encode("units", ["\(index)"]) }
    return page.response(to: call)
  }

  // MARK: Meetings

  private func meetings(_ call: Call) async throws -> Response {
    let now = parts.now()
    let date = try call.query.text("date")
    let current = parts.campus.current
    guard let plan = days.plan(date, now: now, current) else {
      throw Problem(.badRequest, "date: “\((date ?? "").prefix(80))” is no day: write YYYY-MM-DD")
    }
    let limit = try call.query.limit()
    let list = "meetings-\(plan.day.text)"
    let first = min(try Desk.place(call, list), plan.sessions.count)
    let sessions = plan.sessions[first..<min(first + limit, plan.sessions.count)]
    let store = parts.store
    var page = try await work.read {
      let known = try Desk.revisions(of: sessions, store)
      var page = ListPage(call.form)
      for session in sessions {
        page.add(ShownMeeting(session: session, item: known[session.id], campus: current.campus, now: now))
      }
      return page
    }
    page.beside = [(name: "date", value: .text(plan.day.text)), (name: "time_zone", value: .text(parts.timeZone))]
    if sessions.endIndex < plan.sessions.count { page.next = Cursor.encode(list, ["\(sessions.endIndex)"]) }
    return page.response(to: call)
  }

  /// What is known of meetings, by session; they are in the order of their starts. One that was put off begins anew:
  /// what was known of it at its old time is of another meeting.
  private static func revisions(
    of sessions: ArraySlice<Session>, _ store: LogStore
  ) throws -> [String: AggregateItem] {
    guard let first = sessions.first, let last = sessions.last else { return [:] }
    var starts: [String: Int64] = [:]
    for session in sessions { starts[session.id] = session.start }
    var known: [String: AggregateItem] = [:]
    let found = try store.aggregates(
      kind: AggregateKind.attendance.rawValue, scope: AggregateScope.session.rawValue,
      grain: AggregateGrain.meeting.rawValue, startingIn: first.start...last.start)
    for stored in found where starts[stored.name] == stored.start { known[stored.name] = try AggregateItem(stored) }
    return known
  }
}

extension Place: Members {
  func write(to members: inout some MemberWriter) {
    members.add("place_id", .text(id))
    members.add("parent_id", JSON(parentID))
    members.add("kind", .text(kind.rawValue))
    members.add("name", .text(name))
    members.add("unit_id", JSON(unitID))
  }
}

extension OrganisationUnit: Members {
  func write(to members: inout some MemberWriter) {
    members.add("unit_id", .text(id))
    members.add("parent_id", JSON(parentID))
    members.add("level", .text(level.rawValue))
    members.add("name", .text(name))
  }
}

/// A meeting of the timetable with what is known of it.
private struct ShownMeeting: Members {
  var session: Session
  var item: AggregateItem?
  var campus: Campus
  /// Unix milliseconds.
  var now: Int64

  func write(to members: inout some MemberWriter) {
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
    members.add("complete", .bool(item.map { $0.devicesExpected > 0 && $0.devicesHeard >= $0.devicesExpected } ?? false))
    for name in ["expected", "present", "late", "absent", "unknown"] {
      members.add(name, JSON(item?.measures.integer(name)))
    }
    var rate: Double?
    if case .number(let value)? = item?.measures["rate"] { rate = value }
    members.add("rate", JSON(rate))
  }
}
