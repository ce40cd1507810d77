import Aggregation
import Diagnosis
import Foundation
import HTTPTypes
import Hummingbird
import ReadingLog

extension Desk {
  var warningEndpoints: [Endpoint] {
    var endpoints: [Endpoint] = [
      Endpoint(
        .get, "/api/v1/warnings",
        parameters: ["state", "level", "unit", "layer", "standard", "subject"] + Query.paging, forms: Form.lists
      ) { try await warnings($0) },
      Endpoint(.get, "/api/v1/warnings/{id}", forms: [.json]) { try await warning($0) },
      Endpoint(.post, "/api/v1/warnings/{id}/acknowledge", forms: [.json]) { call in
        let step: Step = try await Desk.decoded(call)
        return try await take(call) { try $0.acknowledge($1, by: step.by, note: step.note, now: $2) }
      },
      Endpoint(.post, "/api/v1/warnings/{id}/improve", forms: [.json]) { call in
        let step: Improvement = try await Desk.decoded(call)
        return try await take(call) { try $0.improve($1, by: step.by, measure: step.measure, now: $2) }
      },
      Endpoint(.post, "/api/v1/warnings/{id}/close", forms: [.json]) { call in
        let step: Step = try await Desk.decoded(call)
        return try await take(call) { try $0.close($1, by: step.by, note: step.note, now: $2) }
      },
    ]
    if let events = parts.events {
      endpoints.append(
        Endpoint(
          .post, DiagnosisEvents.path, access: events.isSigned ? .signed : .guarded,
          media: ["application/cloudevents-batch+json", "application/json"], bodyBytes: DiagnosisEvents.batchBytes
        ) { await events.take($0.request) })
    }
    return endpoints
  }

  /// What a person says with a step.
  private struct Step: Decodable, Sendable, Limited {
    var by: String
    var note: String?
    var texts: [String] { [by, note ?? ""] }
  }

  private struct Improvement: Decodable, Sendable, Limited {
    var by: String
    var measure: String
    var texts: [String] { [by, measure] }
  }

  func embeddedCore() throws(Problem) -> DiagnosisCore {
    guard let embedded = parts.embedded else {
      throw Problem(
        .notFound, "the diagnosis core is not in this gateway (diagnosis.embedded is false): ask the one at diagnosis.url")
    }
    do throws(DiagnosisError) { return try embedded() } catch {
      throw Problem(.serviceUnavailable, error.description)
    }
  }

  // MARK: Looking

  private static let warningColumns = [
    "id", "standard", "name", "name_en", "layer", "unit", "unit_name", "level", "urgency", "escalations", "state",
    "aggregate", "scope", "subject", "subject_name", "grain", "window", "measure", "direction", "value", "threshold",
    "sample", "cause", "cause_time", "raised_at", "changed_at", "closed_at", "due_at",
  ]

  private func warnings(_ call: Call) async throws -> Response {
    let core = try embeddedCore()
    let query = call.query
    var wanted = WarningFilter.open
    if let state = try query.choice("state", ["all"] + Warning.State.allCases.map(\.rawValue), called: { $0 }) {
      wanted.states = Warning.State(rawValue: state).map { Set([$0]) } ?? Set()
    }
    wanted.urgency = try query.choice("level", Level.allCases) { $0.rawValue }
    wanted.layer = try query.choice("layer", Standard.Layer.allCases) { $0.rawValue }
    wanted.unit = try query.text("unit")
    wanted.standard = try query.text("standard")
    wanted.subject = try query.text("subject")
    wanted.before = try query.cursorNumbers(of: "warnings", count: 1)?[0]
    wanted.limit = try query.limit()
    let filter = wanted
    let names = EntityNames(parts.campus.current.campus)
    let page = try await work.read {
      let warnings = try core.warnings(filter)
      var page = ListPage(call.form, columns: Desk.warningColumns)
      for warning in warnings { page.add(names.named(warning)) }
      if warnings.count == filter.limit, let last = warnings.last {
        page.next = Cursor.encode("warnings", ["\(last.id)"])
      }
      return page
    }
    return page.response(to: call)
  }

  private func warning(_ call: Call) async throws -> Response {
    let core = try embeddedCore()
    let id = try Desk.number(call, "warning")
    let store = parts.store
    let (warning, cause) = try await work.read {
      let warning = try core.warning(id)
      return (warning, try Desk.aggregate(of: warning, store))
    }
    return Answer.json(try shown(warning, cause))
  }

  private func shown(_ warning: Warning, _ cause: StoredAggregate?) throws -> JSON {
    let campus = parts.campus.current.campus
    let names = EntityNames(campus)
    var members = JSONMembers()
    names.named(warning).write(to: &members)
    members.add("steps", try JSON(encoding: warning.steps))
    var trail = JSONMembers()
    trail.add("aggregate", try cause.map { names.named(try AggregateItem($0)).json } ?? .null)
    trail.add("readings", JSON(Trail.readings(of: warning, campus)))
    members.add("trail", trail.json)
    return members.json
  }

  private static func aggregate(of warning: Warning, _ store: LogStore) throws -> StoredAggregate? {
    guard let kind = AggregateKind(name: warning.aggregate.rawValue), let scope = AggregateScope(name: warning.scope),
      let grain = AggregateGrain(name: warning.grain)
    else { return nil }
    return try store.aggregate(
      kind: kind.rawValue, scope: scope.rawValue, grain: grain.rawValue, name: warning.subject,
      start: warning.window.start)
  }

  // MARK: Steps

  private func take(
    _ call: Call, _ step: @escaping @Sendable (DiagnosisCore, Int64, Int64) throws -> Warning
  ) async throws -> Response {
    let core = try embeddedCore()
    let id = try Desk.number(call, "warning")
    let now = parts.now()
    let store = parts.store
    let (warning, cause) = try await work.change {
      let warning = try step(core, id, now)
      return (warning, try Desk.aggregate(of: warning, store))
    }
    return Answer.json(try shown(warning, cause))
  }

  /// Characters of a name or a remark.
  static let textLimit = 2_000

  private static func decoded<Body: Decodable & Limited>(_ call: Call) async throws -> Body {
    let bytes = try await call.body(upTo: Endpoint.ordinaryBodyBytes)
    let body: Body
    do {
      body = try JSONDecoder().decode(Body.self, from: Data(bytes))
    } catch DecodingError.keyNotFound(let key, _) {
      throw Problem(.badRequest, "the body has no “\(key.stringValue)”")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      let name = context.codingPath.last?.stringValue ?? "the body"
      throw Problem(.badRequest, "\(name) is not what it should be: a text in an object such as {\"by\":\"…\"}")
    } catch {
      throw Problem(.badRequest, "the body is no JSON object")
    }
    guard body.texts.allSatisfy({ $0.count <= textLimit }) else {
      throw Problem(.badRequest, "a text has more than \(textLimit) characters: say it more briefly")
    }
    return body
  }

  /// The number in a path.
  static func number(_ call: Call, _ what: String) throws(Problem) -> Int64 {
    guard let number = Int64(call.captures[0]), number >= 0 else {
      throw Problem(.notFound, "there is no \(what) “\(call.captures[0].prefix(80))”: they have numbers")
    }
    return number
  }
}

/// Texts of people, which have a limit.
protocol Limited {
  var texts: [String] { get }
}
