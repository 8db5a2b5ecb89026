//! Properties for the dimensions, which bodies have beside those of their structs.

use utoipa::openapi::{
    Object, OpenApi, RefOr, Schema,
    schema::{SchemaType, Type},
};

use crate::domain::dimension::Dimension;

/// The schemas with a property for each dimension. They are required after another property; where there is none, they are
/// optional.
const WITH_DIMENSIONS: [(&str, Option<&str>); 3] =
    [("Organisation", Some("standing")), ("NewOrganisation", Some("name")), ("OrganisationChange", None)];

pub fn add(api: &mut OpenApi) {
    let schemas = &mut api.components.get_or_insert_default().schemas;
    for (name, after) in WITH_DIMENSIONS {
        if let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(name) {
            describe(object, after);
        }
    }
}

fn describe(object: &mut Object, after: Option<&str>) {
    for dimension in Dimension::ALL {
        let name = dimension.name();
        let property = Object::builder()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(format!("Value of the dimension {name}. The operator defines the values.")))
            .examples([dimension.example()]);
        object.properties.insert(name.to_owned(), RefOr::T(property.into()));
    }
    if let Some(place) = object.required.iter().position(|required| Some(required.as_str()) == after) {
        let names = Dimension::ALL.map(|dimension| dimension.name().to_owned());
        object.required.splice(place + 1..place + 1, names);
    }
}
