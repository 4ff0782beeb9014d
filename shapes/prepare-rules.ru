# Types the nodes that a file uses as shapes, and names the steps of paths and the parts of shapes, for the rules of
# rules-of-shapes.rq.
INSERT { ?path fn:step ?step } WHERE {
  { ?path sh:inversePath|sh:zeroOrMorePath|sh:oneOrMorePath|sh:zeroOrOnePath ?step }
  UNION { ?path sh:alternativePath/rdf:rest*/rdf:first ?step }
  UNION { ?path rdf:rest*/rdf:first ?step }
} ;
INSERT { ?shape fn:part ?part } WHERE {
  { ?shape sh:property|sh:node|sh:not|sh:qualifiedValueShape ?part }
  UNION { ?shape (sh:or|sh:and|sh:xone)/rdf:rest*/rdf:first ?part }
} ;
INSERT { ?shape fn:refers ?other } WHERE {
  ?shape fn:part|k20:undisputed|k20:perhaps|k20:ruledOutBy|k20:witnessedBy|k20:coverageOf
    |k20:missedBy|k20:coverageFoundBy ?other
} ;
INSERT { ?shape a fn:Shape } WHERE {
  { VALUES ?kind { sh:NodeShape sh:PropertyShape } ?shape a ?kind }
  UNION { ?shape fn:refers|k20:role|k20:tests ?other }
  UNION { ?other fn:refers ?shape FILTER EXISTS { ?shape ?said ?so } }
} ;
INSERT { ?head a fn:BrokenList } WHERE {
  ?head rdf:first|rdf:rest ?any ; rdf:rest* ?cell FILTER (?cell != rdf:nil)
  OPTIONAL { ?cell rdf:first ?one , ?first FILTER (!sameTerm(?one, ?first)) }
  FILTER (BOUND(?first) || NOT EXISTS { ?cell rdf:first ?item }
    || NOT EXISTS { ?cell rdf:rest ?rest } || EXISTS { ?cell rdf:rest+ ?cell })
}
