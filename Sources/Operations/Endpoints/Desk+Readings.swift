import Aggregation
import Campus
import DeviceProtocol
import Hummingbird
import ReadingLog

extension Desk {
  var readingEndpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/v1/readings", parameters: ["from", "to", "kind", "site", "device", "place"] + Query.paging,
        forms: Form.lists
      ) { try await readings($0) },
      Endpoint(
        .get, "/api/v1/aggregates",
        parameters: ["kind", "scope", "id", "grain", "from", "to", "final"] + Query.paging, forms: Form.lists
      ) { try await aggregates($0) },
      Endpoint(.get, "/api/v1/rankings", parameters: ["standard", "window"], forms: [.json]) {
        try await rankings($0)
      },
    ]
  }

  private func readings(_ call: Call) async throws -> Response {
    let query = call.query
    var wanted = ReadingFilter()
    if let from = try query.time("from") { wanted.from = from }
    if let to = try query.time("to") { wanted.to = to }
    wanted.kind = try query.choice("kind", ReadingKind.allCases) { $0.description }
    wanted.site = try query.text("site")
    wanted.device = try query.text("device")
    wanted.place = try query.text("place")
    let limit = try query.limit()
    let row = try query.cursorNumbers(of: "readings", count: 1)?[0] ?? 0
    let (store, filter) = (parts.store, wanted)
    let page = try await work.read {
      let (readings, next) = try store.readings(filter, after: max(0, row), limit: limit)
      var page = ListPage(call.form, columns: ReadingLine.columns)
      for reading in readings { page.add(reading) }
      page.next = next.map { Cursor.encode("readings", ["\($0)"]) }
      return page
    }
    return page.response(to: call)
  }

  private static let aggregateColumns = [
    "aggregate", "scope", "id", "name", "grain", "window", "revision", "final", "completeness", "measures",
  ]

  private func aggregates(_ call: Call) async throws -> Response {
    let query = call.query
    var wanted = AggregateFilter()
    wanted.kind = try query.choice("kind", AggregateKind.allCases) { $0.description }?.rawValue
    wanted.scope = try query.choice("scope", AggregateScope.allCases) { $0.description }?.rawValue
    wanted.grain = try query.choice("grain", AggregateGrain.allCases) { $0.description }?.rawValue
    wanted.name = try query.text("id")
    if let from = try query.time("from") { wanted.from = from }
    if let to = try query.time("to") { wanted.to = to }
    let isFinal = try query.boolean("final")
    let limit = try query.limit()
    let position = try Desk.position(query.cursor(of: "aggregates", count: 5))
    let (store, filter) = (parts.store, wanted)
    let names = EntityNames(parts.campus.current.campus)
    let page = try await work.read {
      let (aggregates, next) = try store.aggregates(filter, isFinal: isFinal, after: position, limit: limit)
      var page = ListPage(call.form, columns: Desk.aggregateColumns)
      for stored in aggregates { page.add(names.named(try AggregateItem(stored))) }
      page.next = next.map { Desk.cursor($0) }
      return page
    }
    return page.response(to: call)
  }

  private static func cursor(_ end: LogStore.AggregatePosition) -> String {
    Cursor.encode("aggregates", ["\(end.grain)", "\(end.start)", "\(end.kind)", "\(end.scope)", end.name])
  }

  private static func position(_ parts: [String]?) throws(Problem) -> LogStore.AggregatePosition? {
    guard let parts else { return nil }
    guard let grain = Int64(parts[0]), let start = Int64(parts[1]), let kind = Int64(parts[2]),
      let scope = Int64(parts[3])
    else { throw Problem(.notFound, "cursor: there is no such page: this is not the “next” of a page of this list: begin without a cursor") }
    return LogStore.AggregatePosition(grain: grain, start: start, kind: kind, scope: scope, name: parts[4])
  }

  private func rankings(_ call: Call) async throws -> Response {
    let core = try embeddedCore()
    let standard = try call.query.text("standard")
    let window = try call.query.time("window")
    if let standard, core.standards[standard] == nil {
      throw Problem(.notFound, "there is no standard “\(standard.prefix(80))” in force")
    }
    let rankings = try await work.read { try JSON(encoding: try core.rankings(standard: standard, start: window)) }
    return Answer.json(rankings)
  }
}

/// Names of what aggregates and warnings are about, as the campus knows them. Students are never named.
struct EntityNames: Sendable {
  let campus: Campus

  init(_ campus: Campus) { self.campus = campus }

  func name(scope: String, id: String) -> String? {
    switch scope {
    case "session": campus.session(id).flatMap { campus.course($0.courseID)?.name }
    case "course": campus.course(id)?.name
    case "teacher": campus.person(id).flatMap { $0.role == .student ? nil : $0.name }
    case "programme", "college", "school", "unit": campus.unit(String(id.prefix { $0 != "/" }))?.name
    // A dimension or a category may follow the place.
    case "place", "gate", "dormitory": (campus.place(id) ?? campus.place(String(id.prefix { $0 != "/" })))?.name
    case "device": place(ofDevice: id)
    default: nil
    }
  }

  private func place(ofDevice id: String) -> String? {
    let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2, let device = campus.device(site: parts[0], device: parts[1]) else { return nil }
    return campus.place(device.placeID)?.name
  }

  func named(_ item: AggregateItem) -> NamedAggregate {
    NamedAggregate(item: item, name: name(scope: item.key.scope.description, id: item.key.id))
  }
}

/// An aggregate as `aggregates --json` prints it, with the name besides.
struct NamedAggregate: Members {
  var item: AggregateItem
  var name: String?

  func write(to members: inout some MemberWriter) {
    members.add("aggregate", .text(item.key.kind.description))
    members.add("scope", .text(item.key.scope.description))
    members.add("id", .text(item.key.id))
    members.add("name", JSON(name))
    members.add("grain", .text(item.key.grain.description))
    members.add(
      "window",
      object: { window in
        window.add("start", .integer(item.key.start))
        window.add("end", .integer(item.key.end))
      })
    members.add("revision", .integer(item.revision))
    members.add("final", .bool(item.isFinal))
    members.add(
      "completeness",
      object: { completeness in
        completeness.add("devices_expected", .integer(item.devicesExpected))
        completeness.add("devices_heard", .integer(item.devicesHeard))
      })
    members.add("measures", writing: { item.measures.appendJSON(to: &$0) })
  }
}
