import Campus

/// Writes a campus directory: all eight files, UTF-8, RFC 4180.
struct CampusWriter {
  let directory: String

  func write(_ campus: CampusBuilder) throws {
    try Files.makeDirectory(directory)
    try write(.units, campus.units) { [$0.id, $0.parentID ?? "", $0.level.rawValue, $0.name] }
    try write(.people, campus.people) { person in
      let cards = person.cards.map(Keys.hex).joined(separator: ";")
      return [person.id, person.role.rawValue, person.name, person.unitID ?? "", cards]
    }
    try write(.places, campus.places) {
      [$0.id, $0.parentID ?? "", $0.kind.rawValue, $0.name, $0.unitID ?? ""]
    }
    try write(.devices, campus.devices, columns: ["site", "device", "place_id", "model", "auth", "adapter"]) {
      [$0.site, $0.device, $0.placeID, $0.model, $0.auth.rawValue, $0.adapter ?? ""]
    }
    try write(.courses, campus.courses) { [$0.id, $0.name, $0.unitID ?? ""] }
    try write(.sessions, campus.sessions) {
      [
        $0.id, $0.courseID, $0.groupID, $0.teacherID, $0.placeID, LocalDay.isoText($0.start, zone: campus.zone),
        LocalDay.isoText($0.end, zone: campus.zone),
      ]
    }
    try write(.enrolments, campus.enrolments) { [$0.group, $0.person] }
    try write(.surveys, campus.surveys) {
      [
        "\($0.item)", $0.placeKind.rawValue, $0.dimension, $0.text, "\($0.scores.lowerBound)",
        "\($0.scores.upperBound)",
      ]
    }
  }

  private func write<Row>(
    _ file: CampusFile, _ rows: [Row], columns: [String]? = nil, _ cells: (Row) -> [String]
  ) throws {
    var text = CSV.line(columns ?? file.columns) + "\n"
    for row in rows {
      text += CSV.line(cells(row))
      text += "\n"
    }
    try Files.write(text, to: directory + "/" + file.rawValue)
  }
}
