import Campus
import Foundation

/// CloudEvents 1.0 in JSON batch format, as it is posted.
extension AggregateEvent {
  private static let typePrefix = "cn.campus.aggregate."
  private static let typeSuffix = ".v1"

  private static func aggregate(ofType type: String) -> Aggregate? {
    guard type.hasPrefix(typePrefix), type.hasSuffix(typeSuffix) else { return nil }
    return Aggregate(rawValue: String(type.dropFirst(typePrefix.count).dropLast(typeSuffix.count)))
  }

  /// Takes a batch, gives its events; nil for one of a type this contract does not know. Refuses what is not of the
  /// contract.
  static func batch(_ bytes: [UInt8]) throws(DiagnosisError) -> [AggregateEvent?] {
    do {
      return try JSONDecoder().decode([Envelope].self, from: Data(bytes)).map(\.event)
    } catch let error as DecodingError {
      throw Self.refusal(error)
    } catch {
      throw .malformed(event: nil, "\(error)")
    }
  }

  private static func refusal(_ error: DecodingError) -> DiagnosisError {
    let (context, problem) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.dropFirst().map(\.stringValue).joined(separator: ".")
    return .malformed(
      event: context.codingPath.first?.intValue, path.isEmpty ? problem : "\(path): \(problem)")
  }

  /// The JSON as it comes.
  private struct Envelope: Decodable {
    var event: AggregateEvent?

    enum Key: String, CodingKey { case specversion, type, source, id, time, data }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      func refuse(_ key: Key, _ problem: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: values, debugDescription: problem)
      }
      let version = try values.decode(String.self, forKey: .specversion)
      guard version == "1.0" else { throw refuse(.specversion, "“\(version)” is not 1.0") }
      let type = try values.decode(String.self, forKey: .type)
      let id = try values.decode(String.self, forKey: .id)
      let source = try values.decode(String.self, forKey: .source)
      guard !id.isEmpty else { throw refuse(.id, "is empty") }
      guard !source.isEmpty else { throw refuse(.source, "is empty") }
      guard let aggregate = AggregateEvent.aggregate(ofType: type) else { return }
      let text = try values.decode(String.self, forKey: .time)
      let time: Int64
      do { time = try ISO8601.milliseconds(text) } catch { throw refuse(.time, "“\(text)” is not RFC 3339") }
      let data = try values.decode(Content.self, forKey: .data)
      guard data.aggregate == aggregate.rawValue else { throw refuse(.data, "“\(data.aggregate)” is not \(type)") }
      if let problem = data.window.problem { throw refuse(.data, problem) }
      let observation = Observation(
        aggregate: aggregate, scope: data.scope, subject: data.id, grain: data.grain, window: data.window,
        revision: data.revision, isFinal: data.final, devicesExpected: data.completeness.devicesExpected,
        devicesHeard: data.completeness.devicesHeard,
        measures: data.measures.compactMap { (name, value) -> Observation.Measure? in
          value.number.flatMap { Observation.Measure(name, $0) }
        })
      var event = AggregateEvent(source: source, time: time, observation: observation, unit: data.unit)
      event.sentID = id
      self.event = event
    }
  }

  private struct Content: Decodable {
    var aggregate, scope, id, grain: String
    var window: Window
    var revision: Int64
    var final: Bool
    var completeness: Completeness
    var measures: [String: Value]
    var unit: String?

    struct Completeness: Decodable {
      var devicesExpected, devicesHeard: Int64

      enum CodingKeys: String, CodingKey {
        case devicesExpected = "devices_expected"
        case devicesHeard = "devices_heard"
      }
    }
  }

  /// A number, or something else, which no standard can watch.
  private struct Value: Decodable {
    var number: Double?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() { return }
      do { number = try value.decode(Double.self) } catch DecodingError.typeMismatch { return }
    }
  }
}
