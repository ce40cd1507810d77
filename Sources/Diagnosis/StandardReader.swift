import Campus
import Yams

/// Takes the mapping of one standard, gives the standard, or `nil` and why not.
struct StandardReader {
  private(set) var faults: [YAMLFields.Fault] = []
  private let id: String
  private var fields: YAMLFields

  static let keys = [
    "name", "name_en", "layer", "aggregate", "scope", "grain", "ids", "measure", "direction", "levels",
    "sample_measure", "minimum_sample", "judge", "hysteresis", "cool_down", "verify_windows", "responsible_unit",
    "unit_from_event", "escalate_after", "escalate_to", "ranking",
  ]
  static let required = [
    "name", "name_en", "layer", "aggregate", "scope", "grain", "measure", "direction", "levels", "responsible_unit",
  ]

  private static let anyNumber = -1e12...1e12
  private static let noLess = 0...1e12

  init(id: String, _ mapping: Node.Mapping, line: Int) {
    self.id = id
    fields = YAMLFields(mapping, path: id, line: line, keys: Self.keys)
  }

  mutating func read() -> Standard? {
    fields.require(Self.required)
    let name = fields.text("name")
    let nameEn = fields.text("name_en")
    let layer: Standard.Layer? = fields.choice("layer")
    let aggregate: Aggregate? = fields.choice("aggregate")
    let scope = fields.text("scope")
    let grain = fields.text("grain")
    let measure = fields.text("measure")
    let direction: Standard.Direction? = fields.choice("direction")
    let levels = readLevels(direction)
    let unit = fields.text("responsible_unit")
    let sampleMeasure = fields.text("sample_measure")
    if let aggregate { check(aggregate, scope, grain, measure, sampleMeasure) }
    var standard: Standard?
    if let name, let nameEn, let layer, let aggregate, let scope, let grain, let measure, let direction, let unit {
      standard = Standard(
        id: id, name: name, nameEn: nameEn, layer: layer, aggregate: aggregate, scope: scope, grain: grain,
        measure: measure, direction: direction, levels: levels,
        sampleMeasure: sampleMeasure ?? aggregate.sampleMeasure(of: scope), responsibleUnit: unit)
    }
    let options = readOptions(&standard)
    faults += fields.faults + options
    return faults.isEmpty ? standard : nil
  }

  /// What has a default. Read also where the standard has failed already, to find every fault.
  private mutating func readOptions(_ standard: inout Standard?) -> [YAMLFields.Fault] {
    if let ids = fields.texts("ids") { standard?.ids = ids }
    if let least = fields.number("minimum_sample", in: Self.noLess) { standard?.minimumSample = least }
    if let basis: Standard.Basis = fields.choice("judge") {
      standard?.basis = basis
      if let standard, basis == .running, standard.aggregate.needsEveryDevice(standard.measure) {
        fields.refuse("judge", .finalOnly(key: fields.key("judge"), measure: standard.measure))
      }
    }
    if let margin = fields.number("hysteresis", in: Self.noLess) { standard?.hysteresis = margin }
    if let time = fields.duration("cool_down") { standard?.coolDown = time }
    if let count = fields.wholeNumber("verify_windows", in: 1...100) { standard?.verifyWindows = count }
    if let fromEvent = fields.boolean("unit_from_event") { standard?.unitFromEvent = fromEvent }
    if let time = fields.duration("escalate_after") { standard?.escalateAfter = time }
    if let units = fields.texts("escalate_to") { standard?.escalateTo = units }
    if fields.has("escalate_to"), !fields.has("escalate_after") {
      let problem = StandardsProblem.missingCompanion(
        key: fields.key("escalate_to"), companion: fields.key("escalate_after"))
      fields.refuse("escalate_to", problem)
    }
    guard var section = fields.section("ranking", keys: ["top", "bottom", "minimum_population"]) else { return [] }
    var rule = Standard.RankingRule()
    if let top = section.number("top", in: 0...0.5) { rule.top = top }
    if let bottom = section.number("bottom", in: 0...0.5) { rule.bottom = bottom }
    if let least = section.wholeNumber("minimum_population", in: 2...1e9) { rule.minimumPopulation = least }
    standard?.ranking = rule
    return section.faults
  }

  private mutating func readLevels(_ direction: Standard.Direction?) -> Standard.Levels {
    var levels = Standard.Levels()
    guard var section = fields.section("levels", keys: Level.allCases.map(\.rawValue)) else { return levels }
    levels.notice = section.number("notice", in: Self.anyNumber)
    levels.warning = section.number("warning", in: Self.anyNumber)
    levels.alarm = section.number("alarm", in: Self.anyNumber)
    let given = Level.allCases.compactMap { level in levels[level].map { (level: level, threshold: $0) } }
    if given.isEmpty, section.faults.isEmpty { fields.refuse("levels", .noLevels(key: section.path)) }
    if let direction {
      for (before, after) in zip(given, given.dropFirst()) {
        let isWorse =
          direction == .below ? after.threshold < before.threshold : after.threshold > before.threshold
        if isWorse { continue }
        section.refuse(
          after.level.rawValue,
          .levelOrder(key: section.path, level: after.level, before: before.level, direction))
      }
    }
    faults += section.faults
    return levels
  }

  /// Whether the aggregate has such a scope, grain and measure.
  private mutating func check(
    _ aggregate: Aggregate, _ scope: String?, _ grain: String?, _ measure: String?, _ sampleMeasure: String?
  ) {
    guard let scope else { return }
    check(.scope, scope, aggregate.scopes, aggregate.rawValue)
    guard aggregate.scopes.contains(scope) else { return }
    let owner = "\(aggregate.rawValue) of scope \(scope)"
    if let grain { check(.grain, grain, aggregate.grains(of: scope), owner) }
    let measures = aggregate.measures(of: scope) + [Aggregate.silence]
    if let measure { check(.measure, measure, measures, owner) }
    if let sampleMeasure { check(.sampleMeasure, sampleMeasure, measures, owner) }
  }

  private mutating func check(
    _ what: StandardsProblem.Part, _ value: String, _ known: [String], _ owner: String
  ) {
    if known.contains(value) { return }
    let problem = StandardsProblem.notOf(
      owner: owner, what: what, value: value, known: known, nearest: nearest(value, among: known))
    fields.refuse(what.rawValue, problem)
  }
}
