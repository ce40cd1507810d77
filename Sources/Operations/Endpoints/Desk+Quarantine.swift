import DeviceProtocol
import Foundation
import Hummingbird
import ReadingLog

extension Desk {
  var quarantineEndpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/v1/quarantine", parameters: ["state", "reason"] + Query.paging, forms: Form.lists
      ) { try await quarantine($0) },
      Endpoint(.get, "/api/v1/quarantine/{id}", forms: [.json]) { try await held($0) },
      Endpoint(.post, "/api/v1/quarantine/{id}/replay", forms: [.json]) { try await replay($0) },
      Endpoint(.post, "/api/v1/quarantine/{id}/discard", forms: [.json]) { try await discard($0) },
    ]
  }

  /// How a message in quarantine can stand.
  private static let states = ["held", "replayed", "discarded"]

  private static let heldColumns = [
    "id", "received_time", "topic", "reason", "explanation", "explanation_zh", "reading", "epoch", "seq", "bytes",
    "state",
  ]

  private func quarantine(_ call: Call) async throws -> Response {
    let query = call.query
    let state = try query.choice("state", Desk.states, called: { $0 })
    let reason = try query.choice("reason", QuarantineReason.allCases) { $0.description }?.description
    let limit = try query.limit()
    let before = try query.cursorNumbers(of: "quarantine", count: 1)?[0]
    let store = parts.store
    let page = try await work.read {
      let held = try store.quarantine(state: state, reason: reason, before: before, limit: limit)
      var page = ListPage(call.form, columns: Desk.heldColumns)
      for message in held { page.add(message) }
      if held.count == limit, let last = held.last { page.next = Cursor.encode("quarantine", ["\(last.id)"]) }
      return page
    }
    return page.response(to: call)
  }

  /// One message with its bytes, and what they say as far as they can be understood.
  private func held(_ call: Call) async throws -> Response {
    let id = try Desk.number(call, "message")
    let (store, box) = (parts.store, parts.quarantineBox)
    let (held, content) = try await work.read {
      (try store.quarantine(id: id).first, try store.content(ofHeld: id, box: box))
    }
    guard let held else { throw Desk.noMessage(id) }
    var members = JSONMembers()
    held.write(to: &members)
    members.add("hex", JSON(content.map { Hex.string($0) }))
    let parsed = content.map { Dissection.of($0, isJSON: held.topic.hasSuffix("/json")) } ?? Dissection()
    members.add("decoded", .array(parsed.values.map { $0.json }))
    members.add("broke_at", parsed.brokeAt?.json ?? .null)
    return Answer.json(members.json)
  }

  private static func noMessage(_ id: Int64) -> Problem {
    Problem(.notFound, "there is no message \(id) in the quarantine: /api/v1/quarantine lists them")
  }

  // MARK: Changing

  private func replay(_ call: Call) async throws -> Response {
    let id = try await changeable(call)
    let (intake, now) = (parts.intake, parts.now())
    let replayed = try await work.change { intake.replay([id], now: now).first }
    return Answer.json(Desk.outcome(id, replayed?.outcome ?? "unknown", replayed?.reason))
  }

  private func discard(_ call: Call) async throws -> Response {
    let id = try await changeable(call)
    let (store, now) = (parts.store, parts.now())
    let count = try await work.change { try store.discardHeld([id], now: now) }
    guard count == 1 else { throw Problem(.conflict, "message \(id) is held no more") }
    return Answer.json(Desk.outcome(id, "discarded", nil))
  }

  /// The number of a message that is still held.
  private func changeable(_ call: Call) async throws -> Int64 {
    let id = try Desk.number(call, "message")
    let body = try await call.body(upTo: Endpoint.ordinaryBodyBytes)
    guard body.isEmpty || Desk.isObject(body) else { throw Problem(.badRequest, "the body is no JSON object: send {}") }
    let store = parts.store
    guard let held = try await work.read({ try store.quarantine(id: id).first }) else { throw Desk.noMessage(id) }
    guard held.state == "held" else { throw Problem(.conflict, "message \(id) is \(held.state): nothing of it is left") }
    return id
  }

  private static func isObject(_ bytes: [UInt8]) -> Bool {
    do { return try JSONSerialization.jsonObject(with: Data(bytes)) is [String: Any] } catch { return false }
  }

  private static func outcome(_ id: Int64, _ outcome: String, _ reason: String?) -> JSON {
    var members = JSONMembers()
    members.add("id", .integer(id))
    members.add("outcome", .text(outcome))
    if let reason { members.add("reason", .text(reason)) }
    return members.json
  }
}

extension HeldMessage: Members {
  func write(to members: inout some MemberWriter) {
    let known = QuarantineReason.allCases.first { $0.description == reason }
    members.add("id", .integer(id))
    members.add("received_time", .integer(receivedTime))
    members.add("topic", .text(topic))
    members.add("reason", .text(reason))
    members.add("explanation", .text(known?.explanation ?? ""))
    members.add("explanation_zh", .text(known?.explanationZh ?? ""))
    members.add("reading", reading < 0 ? .null : .integer(reading))
    members.add("epoch", JSON(epoch))
    members.add("seq", JSON(seq))
    members.add("bytes", .integer(bytes))
    members.add("state", .text(state))
  }
}

extension QuarantineReason {
  /// What is wrong, in Chinese.
  var explanationZh: String {
    switch self {
    case .malformed: "不是合法的 CBOR 或 JSON 编码：请检查编码程序"
    case .indefiniteLength: "使用了不定长编码：只允许定长"
    case .tooDeep: "嵌套超过 8 层：请减少扩展字段的层次"
    case .wrongType: "某个值的类型不对"
    case .outOfRange: "某个值超出允许范围"
    case .duplicateKey: "同一个键出现两次"
    case .invalidText: "文本不是合法的 UTF-8，或过长"
    case .unknownVersion: "帧的版本未知：请升级网关后重放"
    case .unknownKind: "读数的类型未知：请升级网关后重放"
    case .readingCount: "一帧须含 1 至 64 条读数"
    case .timeAfterSent: "使用开机时钟时，读数的时间晚于帧的 sent"
    case .missingField: "缺少必需的字段"
    case .trailingBytes: "帧之后还有多余的字节"
    case .conflict: "同一 epoch 与 seq 先前已用过：读数不同，或先前的读数已按保留期删除而无从比对；设备每次启动须更换 epoch"
    }
  }
}
