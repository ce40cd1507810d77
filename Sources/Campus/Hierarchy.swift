/// Checks the `parent_id` of a file against its own rows: unknown parents, circles, and what may lie in what.
enum Hierarchy {
  private static let parentColumn = 1

  static func check<Element>(
    _ table: inout CampusTable, _ register: Register<Element>,
    misplaced: (_ child: Element, _ parent: Element) -> CampusProblem?
  ) {
    let links = table.links
    var parents: [String: String] = [:]
    for link in links {
      guard register.contains(link.parent) else {
        table.refuseReference(link.parent, column: parentColumn, line: link.line, register)
        continue
      }
      // A repeated id is refused elsewhere; its first row counts.
      if register.line(of: link.id) == link.line { parents[link.id] = link.parent }
      guard link.id != link.parent,
        let child = register[link.id], let parent = register[link.parent],
        let problem = misplaced(child, parent)
      else { continue }
      table.refuse(problem, line: link.line)
    }
    refuseCircles(&table, links, parents)
  }

  /// Refuses each circle once, on the first of its rows.
  private static func refuseCircles(
    _ table: inout CampusTable, _ links: [CampusTable.Link], _ parents: [String: String]
  ) {
    /// The walk in which an id was first met.
    var walks: [String: Int] = [:]
    for (walk, link) in links.enumerated() {
      var id = link.id
      while walks[id] == nil, let parent = parents[id] {
        walks[id] = walk
        id = parent
      }
      // Back at an id of this very walk: a circle, and `id` lies on it.
      guard walks[id] == walk else { continue }
      let circle = circle(from: id, parents)
      let members = Set(circle)
      let first = links.first { members.contains($0.id) }
      table.refuse(.cycle(circle + [id]), line: first?.line ?? link.line)
    }
  }

  private static func circle(from start: String, _ parents: [String: String]) -> [String] {
    var circle = [start]
    while let next = parents[circle[circle.count - 1]], next != start { circle.append(next) }
    return circle
  }
}
